"""The hooks: what a plugin can do. These docstrings are the reference.

A plugin is a module or an object with some of these functions, each marked `@ako.hookimpl`, named in the entry-point
group `ako.plugins` and enabled by that name in `ako.plugins.enabled`. It holds no client, no thread, no clock and no
credentials; everything it needs arrives as arguments, everything it says is returned. Plugins are called one at a time,
in the order they are enabled.

An implementation that raises is *unknown*, not empty: its last good result stays in force, and nothing that it may own
is taken away. Raise `ako.Unknown` to say so on purpose, with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pluggy
from pydantic import BaseModel

from ako.core.engine.kinds import WatchedKind
from ako.core.engine.view import View
from ako.core.hooks.claims import Backend, Discovery, Placement, PortClaim, VirtualHost
from ako.core.hooks.needs import Needs
from ako.core.hooks.outcome import Outcome, SourceObject
from ako.core.hooks.reasons import LeftOut, Whose
from ako.core.hooks.translation import Translation
from ako.core.model import StaticRoute

hookspec = pluggy.HookspecMarker("ako")
hookimpl = pluggy.HookimplMarker("ako")
"""Marks an implementation: `@hookimpl` above a function that has the name of a hook."""


class AkoHooks:
    """All hooks, in the order of the pipeline."""

    @hookspec
    def ako_settings(self) -> type[BaseModel] | None:
        """Give the model of the plugin's own settings, found under `ako.<plugin name>` and validated with the rest.

        Called once, at start. None: the plugin has no settings.
        """

    @hookspec
    def ako_needs(self) -> Needs | None:
        """Give what the plugin needs of ako: the plugin API it was written for, types and fields of Avi objects.

        Called once, at start, before the other hooks. Without it, or with None: the first version of the plugin API,
        only types that the core creates itself, and only fields that it sets. A plugin whose needs cannot be met is
        refused.

        Example:
            return Needs(api="1.0", fields={Pool: ("description",)})
        """

    @hookspec
    def ako_kinds(self) -> Sequence[WatchedKind]:
        """Give the kinds to list and watch, each with the record type its objects are decoded into.

        Called once, at start. Two plugins may declare one kind, with the same declaration or with records of their own.
        `ako rbac` prints the rights that follow: to list and watch the kind, to patch its status if it has a status
        record, and what `access` names.

        Example:
            return [WatchedKind(kind=Kind("example.org", "v1", "Site"), plural="sites", record=Site, is_source=True)]
        """
        raise NotImplementedError

    @hookspec
    def ako_discover(self, source: SourceObject, view: View) -> Discovery | None:
        """Find the claims in one source object.

        Called when the object, or anything that was read through `view` for it, changed. `source.record` has a record
        type of this plugin; objects of other kinds are not handed over, nor those in
        namespaces that are not selected. None or an empty `Discovery`: the object asks for nothing. Faults of the user
        are `Problem` values in the result.
        """

    @hookspec
    def ako_translate(self, virtual_host: VirtualHost | PortClaim, view: View) -> Translation | None:
        """Translate one settled virtual host into Avi objects, its parent, and what it adds to that parent.

        A port claim comes as it is, or as one with those that share its address (`members`); its objects are a tree of
        their own (`OwnTree`). Called when the virtual host, or anything that was read for it, changed. None: not mine;
        the next plugin is asked, and the core's own translation (insecure hosts and SNI children) last. The first
        answer wins.

        Every object must be ours: a type that we create, a name under `<cluster>--` that is none of a shared virtual
        service, our `created_by` where the type has one, no name twice; else none of the answer is used. Where another
        host needs one of the names too, the older has it, and the core gives the other's objects another.
        """

    @hookspec
    def ako_adjust(
        self, virtual_host: VirtualHost | PortClaim, translation: Translation, view: View
    ) -> Translation | None:
        """Change what one settled virtual host was translated to, whoever did that: a plugin, or the core.

        Every plugin that has it is asked, in order, each with what the one before it gave. Called when the virtual
        host, or anything that was read for it, changed; what an answer does not say any more is gone. None: as it is.

        It may set other fields of objects, put objects of its own beside them, add to the contribution, and give
        problems. It takes nothing away: virtual services, what `rules` name and what anything refers to stay under
        their type and name, so do the entries of the contribution, the rules and the problems; a reference to one of
        our names leads to an object of the answer, or of its parent. What holds for an answer to `ako_translate`
        holds here too. An answer that is not so is a fault of the plugin and *unknown*: nothing of it is used, and
        the host stays as it was last. Only where the plugin had nothing to say of the host when it last answered, that
        stays its answer, and all else goes on.

        Names are plain ones: where another host needs one too, the core gives the younger's objects another, and leads
        references there. What is called after a rule is named in its `NamedRule.others`.

        Example:
            own = AviRef("applicationpersistenceprofile", "sticky")
            return translation.with_fields(Pool, application_persistence_profile_ref=own)
        """

    @hookspec
    def ako_place_backend(self, backend: Backend, view: View) -> Placement | None:
        """Find the servers of one backend.

        Called when anything that was read for the backend changed. None: not mine; the next plugin is asked. The first
        answer wins. An answer without servers is an answer: the pool stays, empty. Its faults are told to the owner of
        every source object that uses the backend.
        """

    @hookspec
    def ako_static_routes(self, view: View) -> Sequence[StaticRoute] | None:
        """Give the static routes that the VRF context of the pools needs, such as those to the pod networks of nodes.

        Called when anything that was read for it changed. A route is a prefix and a next hop; the core labels it as the
        cluster's and numbers it, in the order given. None: not mine; the next plugin is asked, and the routes that are
        there stay if nobody answers. The first answer wins. No routes are an answer: those of the cluster go.
        """

    @hookspec
    def ako_report(self, source: SourceObject, outcome: Outcome) -> Mapping[str, Any] | None:
        """Give the status patch (a JSON merge patch of `status`) that tells a source object what became of it.

        Called when the outcome may have changed, for objects of this plugin's source kinds. `source.status` is the
        status as last seen. None: the status is right as it is. The entry of a host is written if it is live, goes if
        it is rejected, and stays as it is if it is pending or kept (`ako.HostState`). Entries not ours must stay.
        A status has one author: of several plugins with records of one kind, the one that was enabled first.
        `ako.Moment.OF_WRITING` in a patch stands for the time of day at which it is written. Where other controllers
        write the same list, derive the status record from `ako.SharedStatus`: then no entry of theirs is lost that came
        between.
        """

    @hookspec
    def ako_explain_source(self, source: SourceObject, view: View) -> Whose | None:
        """Say whether a source object is for us, and why: its class, an annotation, a setting, each with its value.

        Called only when somebody asks why, for objects of this plugin's source kinds in namespaces that are selected.
        Nothing depends on the answer, and it is not kept. Have it made by the function by which `ako_discover` decides,
        so that both say the same. None: there is nothing to say but what was discovered.

        Example:
            return Whose("its annotation example.org/shop is not set.", "Set it to true.")
        """

    @hookspec
    def ako_explain_backend(self, backend: Backend, view: View) -> tuple[LeftOut, ...] | None:
        """Say what could be a server of a backend and is none, with the reason of each, and what would bring it in.

        Called only when somebody asks why, of the plugin that placed the backend. Nothing depends on the answer, and it
        is not kept. What `ako_place_backend` tells as a fault need not be told again. None: nothing.
        """
