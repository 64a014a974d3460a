"""Boundary files: what is read of real ones, and how a broken one is refused."""

import json
from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.areas.boundaries import BoundaryError, Columns, Limits, read_boundaries
from services.ingest.areas.layers import counted_by, names_of, with_layer
from services.ingest.areas.review import review
from services.kernel.areas import Area, AreaName, Catalogue

SQUARE = [[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]]
LIMITS = Limits(100, 1_000)


def feature(feature_id: Any = None, coordinates: Any = SQUARE, kind: str = "Polygon", **properties: Any) -> dict[str, Any]:
    made = {"type": "Feature", "geometry": {"type": kind, "coordinates": coordinates}, "properties": properties}
    return made if feature_id is None else {**made, "id": feature_id}


def square(west: float, south: float = 0, size: float = 1) -> list[list[list[float]]]:
    return [[[west + size * x, south + size * y] for x, y in SQUARE[0]]]


def read(*features: Any, kind: str = "ward", columns: Columns | None = None, limits: Limits = LIMITS, merge: bool = False, **members: Any) -> list[Area]:
    body = json.dumps({"type": "FeatureCollection", "features": features, **members}).encode()
    return read_boundaries([body], kind, columns or Columns(), limits, merge, lambda _done, _total: None)


def size(area: Area) -> float:
    return float(shapely.from_wkb(area.shape).area)


def test_names_ids_and_aliases_are_found_where_boundary_files_have_them() -> None:
    areas = read(
        feature("K2G", name_en="Nepean", name_fr="Népéan", aliases=["Merivale"]),
        feature(3.0, NAME="Ward 3", aliases="Old Three; Trois"),
        feature(name="Trois-Rivières"),
        feature(id=7, nom="L'Anse"),
        feature(12),
    )
    assert [(area.id, area.name) for area in areas] == [
        ("K2G", AreaName("Nepean", "Népéan", ("Merivale",))),
        ("3", AreaName("Ward 3", "", ("Old Three", "Trois"))),
        ("trois-rivieres", AreaName("Trois-Rivières")),
        ("7", AreaName("L'Anse")),
        ("12", AreaName("12")),
    ]
    (named,) = read(feature("x", CFSAUID="K2H", EN="Bells Corners", FR="Coins Bells", X=["Bells"]), columns=Columns("CFSAUID", "EN", "FR", "X"))
    assert (named.id, named.name) == ("K2H", AreaName("Bells Corners", "Coins Bells", ("Bells",)))


def test_rings_that_cross_or_are_left_open_are_mended_and_height_is_dropped() -> None:
    bow_tie = [[[0, 0], [2, 2], [2, 0], [0, 2], [0, 0]]]
    left_open = [[[0, 0], [1, 0], [1, 1], [0, 1]]]
    high = [[[*at, 120.5] for at in SQUARE[0]]]
    multi = [SQUARE, square(5)]
    areas = read(feature("a", bow_tie), feature("b", left_open), feature("c", high), feature("d", multi, "MultiPolygon"))
    assert [size(area) for area in areas] == [2, 1, 1, 2]
    assert not any(shapely.from_wkb(area.shape).has_z for area in areas)


@pytest.mark.parametrize("name", ["urn:ogc:def:crs:OGC:1.3:CRS84", "urn:ogc:def:crs:EPSG::4326", "EPSG:4269", "CRS84"])
def test_a_coordinate_system_in_degrees_is_taken(name: str) -> None:
    assert len(read(feature("a"), crs={"type": "name", "properties": {"name": name}})) == 1


@pytest.mark.parametrize("name", ["urn:ogc:def:crs:EPSG::3347", "EPSG:3857", "EPSG:26918"])
def test_another_one_is_refused_with_the_way_to_convert_it(name: str) -> None:
    with pytest.raises(BoundaryError, match=rf"crs: EPSG:{name.rpartition(':')[2]}.*ogr2ogr -t_srs EPSG:4326"):
        read(feature("a"), crs={"type": "name", "properties": {"name": name}})


@pytest.mark.parametrize(
    ("features", "words"),
    [
        ([feature("a"), feature("b", [[[431_000, 5_030_000]] * 5])], r"feature 1 \(b\): geometry: not longitudes and latitudes"),
        ([feature("a"), feature("a", square(1))], r"feature 1 \(a\): id: feature 0 has the same one.*--merge"),
        ([feature()], "feature 0: id: missing.*--id-field"),
        ([feature("a"), feature("b", [0, 0], "Point")], r"feature 1 \(b\): geometry: a Point; an area needs a Polygon"),
        ([{"type": "Feature", "id": "n", "geometry": None, "properties": None}], r"feature 0 \(n\): geometry: missing"),
        ([feature("a", [[[0, 0]]])], "at least four positions"),
        ([feature("a", [[[0, 0], [1, 1], [2, 2], [0, 0]]])], "encloses nothing"),
        ([feature("a", [[["x", 0], [1, 1], [2, 2], [0, 0]]])], "no polygon's"),
        ([feature("a/b")], "id: 'a/b': letters, digits"),
        ([feature("unplaced")], "not 'unplaced'"),
        ([feature("a", name="x" * 121)], "at most 120 printable"),
        ([feature("a", aliases=7)], "aliases: use a list"),
        ([7], "feature 0: can't be read"),
        ([], "features: there are none"),
    ],
)
def test_a_broken_file_is_refused_by_feature(features: list[Any], words: str) -> None:
    with pytest.raises(BoundaryError, match=words):
        read(*features)


def test_a_property_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(BoundaryError, match=r"EN: there is no such property.*--name-en; there are: NOM, WARD"):
        read(feature("a", NOM="x", WARD=1), columns=Columns(name_en="EN"))


@pytest.mark.parametrize("body", [b"", b"[]", b"PK\x03\x04", b'{"type":"Topology","objects":{}}', b'{"type":"FeatureCollection"}', b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_boundary_file_is_refused(body: bytes) -> None:
    with pytest.raises(BoundaryError):
        read_boundaries([body], "ward", Columns(), LIMITS, False, lambda _done, _total: None)


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.integers(), lambda inner: st.lists(inner, max_size=5), max_leaves=30))
def test_whatever_stands_for_coordinates_is_read_or_refused(coordinates: Any) -> None:
    for kind in ("Polygon", "MultiPolygon"):
        try:
            (area,) = read(feature("a", coordinates, kind))
        except BoundaryError:
            continue
        assert shapely.from_wkb(area.shape).is_valid


def test_limits_are_named() -> None:
    with pytest.raises(BoundaryError, match="SURGECAST_AREAS_MAX"):
        read(feature("a"), feature("b"), limits=Limits(1, 1_000))
    with pytest.raises(BoundaryError, match="SURGECAST_AREA_POSITIONS_MAX"):
        read(feature("a"), feature("b"), limits=Limits(10, 9))
    with pytest.raises(BoundaryError, match="kind"):
        read(feature("a"), kind="Ward 3")


def test_parts_of_one_area_are_joined_when_asked() -> None:
    (area,) = read(feature("a", name="A"), feature("a", square(5), name="A"), merge=True)
    assert size(area) == 2
    with pytest.raises(BoundaryError, match="another name"):
        read(feature("a", name="A"), feature("a", square(5), name="B"), merge=True)


def test_boundaries_are_simplified_together_so_that_no_gap_opens() -> None:
    wavy = [[1 + (0.000005 if n % 2 else 0), n / 200_000] for n in range(201)]
    west = [[[0, 0], *wavy, [0, 0.001], [0, 0]]]
    east = [[[2, 0], [2, 0.001], *reversed(wavy), [2, 0]]]
    fine = read(feature("w", west), feature("e", east))
    simple = [shapely.from_wkb(area.shape) for area in read(feature("w", west), feature("e", east), limits=Limits(10, 1_000, 2.0))]
    assert sum(map(shapely.get_num_coordinates, simple)) < 0.1 * sum(shapely.get_num_coordinates(shapely.from_wkb(area.shape)) for area in fine)
    assert shapely.coverage_is_valid(simple)
    assert shapely.union_all(simple).area == pytest.approx(0.002, abs=1e-7)


class TestLayers:
    """Wards that outages are counted by, and postal areas that lead to them."""

    WARDS = (*read(feature("n", square(0), name_en="North", name_fr="Nord"), feature("s", square(1), name_en="South", name_fr="Sud")),)
    POSTAL = (*read(feature("K1A", square(0.1, 0.1, 0.5)), feature("K1B", square(0.5, 0, 0.9)), kind="fsa"),)

    def both(self) -> Catalogue:
        return with_layer(with_layer(Catalogue(), self.WARDS, (), 100), self.POSTAL, (), 100)

    def test_the_first_layer_counts_until_another_is_named(self) -> None:
        both = self.both()
        assert (both.layers, both.kinds) == (("ward",), ("ward", "fsa"))
        assert [area.id for area in both.counted] == ["n", "s"]
        assert counted_by(both, ("fsa",)).counted == self.POSTAL
        assert with_layer(both, self.WARDS, ("fsa", "ward"), 100).layers == ("fsa", "ward")
        with pytest.raises(BoundaryError, match="kind county; loaded are: ward, fsa"):
            counted_by(both, ("county",))

    def test_a_layer_loaded_again_replaces_its_own_areas_only(self) -> None:
        after = with_layer(self.both(), self.WARDS[:1], (), 100)
        assert [area.id for area in after.areas] == ["K1A", "K1B", "n"]

    def test_an_area_within_a_counted_one_is_its_alias_and_one_across_two_is_nobodys(self) -> None:
        assert names_of(self.both(), 0.9) == {"n": AreaName("North", "Nord", ("K1A",)), "s": AreaName("South", "Sud")}

    def test_ids_are_unique_over_all_kinds(self) -> None:
        with pytest.raises(BoundaryError, match="id: n: there is a ward with this id"):
            with_layer(self.both(), read(feature("n"), kind="county"), (), 100)
        with pytest.raises(BoundaryError, match="SURGECAST_AREAS_MAX"):
            with_layer(with_layer(Catalogue(), self.WARDS, (), 3), self.POSTAL, (), 3)

    def test_a_review_tells_what_needs_a_look(self) -> None:
        assert review(self.WARDS) == []
        twins = read(feature("a", name="Hull"), feature("b", square(0.5), name="Hull"))
        assert [line.partition(":")[2][:24] for line in review(twins)] == [" a and b overlap by 50.0", " a, b are all called hul", " 2 of 2 areas have no Fr"]
