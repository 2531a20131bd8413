"""What a time zone is called in a language."""

from datetime import datetime

from babel.core import Locale, get_global


def zone_name(moment: datetime, time_zone: str, locale: str) -> str:
    """Return the name of a zone at a time, such as `Eastern Standard Time`; its letters where it has none.

    Babel's own function knows a renamed zone under its former name only: it calls the zone of Louisville
    `GMT-05:00`.

    Args:
        moment: on the zone's clocks.
        time_zone: an IANA name.
        locale: whose words.
    """
    former = (old for old, new in get_global("zone_aliases").items() if new == time_zone)
    meta_zones = get_global("meta_zones")
    known = next((meta_zones[name] for name in (time_zone, *former) if name in meta_zones), None)
    names = Locale.parse(locale).meta_zones.get(known, {}).get("long", {})
    name: str = names.get("daylight" if moment.dst() else "standard") or moment.tzname() or time_zone
    return name
