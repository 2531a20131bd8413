"""What writes texts; it proves all of them before it writes one."""

from chassis.service import provides
from notifications.clients.proofreading import prove
from notifications.clients.rendering import JinjaRenderer
from notifications.entrypoints.policies import PolicyReader
from notifications.repository import DistrictPolicies
from notifications.settings import NotificationsSettings


def _renderer(settings: NotificationsSettings) -> JinjaRenderer:
    """Return the renderer, if every text that a district's policy names is complete.

    Raises:
        TextsError: if one is not; the service does not start.
    """
    for languages in DistrictPolicies(settings.policy_dir).every_languages():
        prove(languages)
    return JinjaRenderer(settings.email_from)


class TextWriter(PolicyReader):
    """Knows how to write what families read."""

    renderer = provides(_renderer)
