"""Distributions that `ako plugins new` copies: whole and working ones, of which only names are replaced.

| in a template | becomes, for the plugin `web_sites` |
|---|---|
| `my_source`, `my_placement`, `my_translation` | `web_sites`: the plugin, its package `ako_web_sites`, its settings |
| `my-source`, … | `web-sites`: its distribution, its annotations |
| `MySource` | `WebSite`: the kind of a source |
| `mysource`, `mysources` | `website`, `websites`: how the kind is written in URLs |

They are checked as all code here is: ruff, mypy and their own tests look at them as they are.
"""
