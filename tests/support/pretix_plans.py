"""Any plan that pretix's schema allows, in its newest and its older form, and what can be broken in one."""

from typing import Any

from hypothesis import strategies as st

Json = dict[str, Any]

words = st.text(max_size=12)
colours = st.one_of(st.sampled_from(["#fff", "red", "rgba(1,2,3,.5)", "", "no colour at all"]), words)
numbers = st.one_of(
    st.integers(-3000, 3000),
    st.floats(-3000, 3000, allow_nan=False),
    st.sampled_from([0, -1_000_000, 1_000_000]),
)
points = st.fixed_dictionaries({"x": numbers, "y": numbers})
guids = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=20)


def _objects(required: Json, optional: Json) -> st.SearchStrategy[Json]:
    return st.fixed_dictionaries(required, optional=optional)


_texts = _objects({"text": st.text(max_size=40), "position": points}, {"color": colours, "size": numbers})
_new_areas = _objects(
    {},
    {
        "color": colours,
        "border_color": colours,
        "rotation": numbers,
        "position": points,
        "uuid": words,
        "shape": st.sampled_from(["polygon", "rectangle", "ellipse", "circle", "text"]),
        "polygon": _objects({"points": st.lists(points, max_size=5)}, {}),
        "rectangle": _objects({"width": numbers, "height": numbers}, {}),
        "ellipse": _objects({"radius": points}, {}),
        "circle": _objects({"radius": numbers}, {}),
        "text": _texts,
    },
)
_old_areas = _objects(
    {"width": st.integers(-50, 900), "height": st.integers(-50, 900), "position": points},
    {"color": colours, "border_color": colours, "rotation": numbers, "text": st.text(max_size=40)},
)
_new_row = {
    "row_label": st.none() | words,
    "seat_label": st.none() | words,
    "uuid": words,
    "row_number_position": st.sampled_from(["start", "end", "both", None]),
    "position": points,
}
_old_row = {"number_of_seats": st.integers(0, 99), "seats_spacing": st.integers(0, 99), "position": points}
_new_seat = {"uuid": words, "start_direction": st.none() | words, "radius": st.integers(-5, 50)}


@st.composite
def plans(draw: st.DrawFn, *, most_seats: int = 12) -> Json:
    """Return a plan with at least one seat."""
    is_new = draw(st.booleans())
    names = draw(st.lists(words, min_size=1, max_size=3))
    seats = iter(draw(st.lists(guids, min_size=1, max_size=most_seats, unique=True)))
    seat = _objects(
        {"seat_number": words, "position": points, "category": st.sampled_from(names)},
        _new_seat if is_new else {},
    )
    zones: list[Json] = []
    for guid in seats:
        if not zones or draw(st.booleans()):
            zones.append(draw(_zones(is_new=is_new)))
        rows = zones[-1]["rows"]
        if not rows or draw(st.booleans()):
            rows.append(draw(_objects({"row_number": words}, _new_row if is_new else _old_row)))
        rows[-1].setdefault("seats", []).append({**draw(seat), "seat_guid": guid})
    top: Json = {
        "name": draw(st.text(max_size=30)),
        "categories": [
            draw(_objects({"name": st.just(name)}, {"color": colours}))
            for name in draw(st.permutations(names))
        ],
        "zones": zones,
    }
    if is_new:
        top["size"] = {"width": draw(st.integers(-9, 2000)), "height": draw(st.integers(-9, 2000))}
    return top


@st.composite
def _zones(draw: st.DrawFn, *, is_new: bool) -> Json:
    areas = st.lists(_new_areas if is_new else _old_areas, max_size=3)
    optional = (
        {"name": words, "zone_id": words, "uuid": words, "areas": areas}
        if is_new
        else {"name": words, "displayed": st.booleans(), "areas": areas}
    )
    zone = draw(_objects({"position": points}, optional))
    return {**zone, "rows": []}


_NEVER_THIS_TYPE = {str: 7, int: "7", float: "7", bool: "yes", list: {}, dict: []}


def breakable(document: object, path: str = "") -> list[tuple[Any, Any, str]]:
    """Return container, key and path of every value whose type the schema fixes."""
    found: list[tuple[Any, Any, str]] = []
    if isinstance(document, dict):
        for key, value in document.items():
            where = f"{path}.{key}" if path else key
            if value is not None:
                found.append((document, key, where))
            found += breakable(value, where)
    elif isinstance(document, list):
        for index, value in enumerate(document):
            found.append((document, index, f"{path}[{index}]"))
            found += breakable(value, f"{path}[{index}]")
    return found


def spoilt(value: object) -> object:
    """Return a value of another type than this one's."""
    return _NEVER_THIS_TYPE[type(value)]
