"""The pages behind the links that end emails of a kind (RFC 8058)."""

from uuid import uuid4

from werkzeug.wrappers import Response

from chassis.auth import PUBLIC
from chassis.http import Call, route
from chassis.service import provides
from notifications.clients.unsubscribing import UNSUBSCRIBE_PATH, UnsubscribeLinks
from notifications.entrypoints import metrics
from notifications.entrypoints.courier import EVERYWHERE
from notifications.entrypoints.texts import TextWriter
from notifications.repository import MongoGuardians, MongoWishes
from notifications.use_cases import wishing

_HTML = "text/html; charset=utf-8"
_FORM = "application/x-www-form-urlencoded"
#: Nobody else learns the address of the page, and no other page shows it.
_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
}


class UnsubscribePages(TextWriter):
    """Ends emails of a kind, and says to everybody the same: nobody learns who is a guardian."""

    links = provides(lambda settings: UnsubscribeLinks(settings.link_keys, public_url=settings.public_url))

    @route("GET", UNSUBSCRIBE_PATH, permission=PUBLIC, produces="text/html")
    def ask_about_unsubscribing(self, call: Call) -> Response:
        """Ask whether to end emails of a kind; mail scanners follow links, so this changes nothing."""
        return self._page(call, done=False)

    @route("POST", UNSUBSCRIBE_PATH, permission=PUBLIC, consumes=_FORM, produces="text/html")
    def unsubscribe(self, call: Call) -> Response:
        """End emails of a kind; by a link that does not hold, nothing is ended and the same is said."""
        ended = self._end(call.request.args.get("token", ""))
        metrics.UNSUBSCRIBED.labels("ended" if ended else "refused").inc()
        return self._page(call, done=True)

    def _end(self, token: str) -> bool:
        found = self.links.read(token)
        if found is None:
            return False
        link, signed_at = found
        work = self.work_for(link.district, f"unsubscribe:{uuid4()}")
        rules = self.rules_for(work).preferences
        if work.now - signed_at > rules.links_last:
            return False
        return wishing.unsubscribe(
            link, guardians=MongoGuardians(work), wishes=MongoWishes(work), rules=rules, now=work.now
        )

    def _page(self, call: Call, *, done: bool) -> Response:
        rules = self.policies.rules(EVERYWHERE, on=call.work.now.date())
        known = [each.tag for each in rules.languages.known.values()]
        wanted = call.request.accept_languages.best_match(known, default=rules.languages.fallback)
        page = self.renderer.unsubscribe_page(wanted or "", done=done, rules=rules)
        return Response(page, content_type=_HTML, headers=_HEADERS)
