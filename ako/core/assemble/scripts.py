"""The script by which a shared virtual service selects a pool group. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from ako.core.base.refs import AviRef
from ako.core.hooks.site import Site
from ako.core.hooks.translation import RENAMED, Contribution, ParentTemplate
from ako.core.model import DataScript, DataScriptSet


def data_script_set(site: Site, parent: ParentTemplate, parts: Sequence[Contribution]) -> DataScriptSet:
    """Build the set with the script of a parent, and with the pool groups and parsers that it may name."""
    own = [AviRef("poolgroup", parent.name)] if parent.has_pool_group else []
    pool_groups = sorted({ref for part in parts for ref in part.pool_groups})
    return DataScriptSet(
        name=parent.name,
        created_by=site.names.created_by,
        datascript=_scripts(parent, parts),
        pool_group_refs=(*own, *pool_groups),
        protocol_parser_refs=tuple(AviRef("protocolparser", name) for name in parent.protocol_parsers),
    )


def _scripts(parent: ParentTemplate, parts: Sequence[Contribution]) -> tuple[DataScript, ...]:
    """Give the script, told which pool groups have another name than it works out for them, if any do."""
    if parent.data_script is None:
        return ()
    plain = {ref.name for part in parts for ref in part.pool_groups}
    renamed = sorted(pair for part in parts for pair in part.renamed_groups if pair[0] not in plain)
    if not renamed or parent.renaming_script is None:
        return (parent.data_script,)
    table = ", ".join(f"[{_in_lua(name)}]={_in_lua(other)}" for name, other in renamed)
    return (replace(parent.renaming_script, script=parent.renaming_script.script.replace(RENAMED, table)),)


def _in_lua(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
