"""The pipeline: watch, discover, settle, translate, plan, apply, report."""
