"""MultiSpeak's outage events in SOAP, the same in JSON, and Milsoft's web maps."""

from datetime import UTC, datetime

import msgspec

from services.kernel.events import Cause, Crew, Point
from tests.unit.ingest.formats_read import published, raw, read


def test_an_event_out_of_a_soap_answer() -> None:
    sightings = read("multispeak", raw("multispeak.xml"))
    outage, planned = sightings.conditions["2018-09-21-0007"], sightings.conditions["2018-09-21-0009"]  # type: ignore[index]
    assert (outage.cause, outage.crew, outage.areas) == (Cause.VEGETATION, Crew.ASSIGNED, ("dunrobin",))
    assert outage.customers_affected == 100, "those with power again are not out"
    assert (outage.started_at, outage.estimated_restoration) == (datetime(2018, 9, 21, 21, 4, tzinfo=UTC), None)
    assert outage.devices == ("device:R24", "feeder:7F12", "substation:Merivale")
    assert (planned.planned, planned.cause, planned.crew) == (True, Cause.PLANNED, Crew.ON_SITE)
    assert (sightings.records, len(sightings.conditions), sightings.flaws) == (3, 2, ())


def test_milsofts_maps() -> None:
    mapped = read("multispeak", published("multispeak"))
    assert mapped.conditions["2018-09-21-0950"].geometry == Point([-75.9, 45.33])  # type: ignore[index]
    assert [outage.customers_affected for outage in mapped.conditions.values()] == [100, 4]
    mobile = b"""<MobileOutageInfo xmlns="http://tempuri.org/"><Outages><MobileOutage><OutageTime>9/21/2018 5:04:00 PM</OutageTime>
        <CaseNumber>180921-O0007</CaseNumber><CutomersAffected>89</CutomersAffected><EndTime>0001-01-01T00:00:00</EndTime><Cause />
        <CaseStatus>CauseUnknown</CaseStatus><X>-75.9</X><Y>45.33</Y><Assigned>True</Assigned><AssignedTo>Pat Example</AssignedTo>
        </MobileOutage></Outages></MobileOutageInfo>"""
    (outage,) = read("multispeak", mobile).conditions.values()
    assert (outage.outage_id, outage.customers_affected, outage.crew, outage.cause) == ("180921-O0007", 89, Crew.ASSIGNED, Cause.UNKNOWN)
    assert (outage.started_at, outage.geometry) == (datetime(2018, 9, 21, 21, 4, tzinfo=UTC), Point([-75.9, 45.33]))
    assert b"Pat" not in msgspec.json.encode(outage)


def test_milsofts_counts_by_county_are_one_outage_each() -> None:
    counties = [{"name": "Fairfield", "customersAffected": 9, "customersOutNow": 4}, {"name": "Macon", "customersAffected": 1, "customersOutNow": 0}]
    sightings = read("multispeak", [{"name": "Counties", "boundaries": counties}, {"name": "Zips", "boundaries": [{"name": "1", "customersOutNow": 4}]}])
    assert [(outage.outage_id, outage.customers_affected) for outage in sightings.conditions.values()] == [("Fairfield", 4)]


def test_a_notification_of_changes_closes_nothing() -> None:
    assert not read("multispeak", raw("multispeak.xml")).cut_short
    changed = raw("multispeak.xml").replace(b"GetAllActiveOutageEventsResponse", b"OutageEventChangedNotification")
    assert read("multispeak", changed).cut_short
