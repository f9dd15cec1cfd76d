"""Templates: what is kept, who sees it and who changes it, by HTTP on a real Redis."""

from concurrent.futures import ThreadPoolExecutor

from batchgen.domain.models import User
from batchgen.domain.templates import MAX_TEMPLATES, TemplateChange
from batchgen.store.templates import Templates
from tests.api.house import ANN, BOB, ROOT, House
from tests.api.test_bad_input import told

SHOES = {"name": " Shoes ", "prompt": "a {colour} shoe on {ground}"}


def keep(house: House, user: User = ANN, **more: object) -> dict[str, object]:
    answer = house.as_(user).post("/api/templates", json=SHOES | more)
    assert answer.status_code == 201, answer.text
    return dict(answer.get_json())


def names(house: House, user: User) -> list[str]:
    return [one["name"] for one in house.as_(user).get("/api/templates").get_json()["items"]]


def test_a_template_says_whose_it_is_and_which_variables_it_has(house: House):
    kept = keep(house)

    assert (kept["name"], kept["prompt"], kept["shared"]) == ("Shoes", SHOES["prompt"], False)
    assert (kept["variables"], kept["owner"]) == (["colour", "ground"], {"id": "ann", "name": "Ann"})
    assert house.as_(ANN).get("/api/templates").get_json()["items"] == [kept]


def test_others_see_what_is_shared_and_only_as_long_as_it_is(house: House):
    keep(house, name="mine")
    shared = keep(house, name="ours", shared=True)
    keep(house, BOB, name="Bob's")
    at = f"/api/templates/{shared['id']}"

    assert set(names(house, ANN)) == {"mine", "ours"}
    assert set(names(house, BOB)) == {"ours", "Bob's"}
    assert names(house, ROOT) == ["ours"]
    assert told(house.as_(BOB).patch(at, json={"name": "x"}))[:2] == (403, "template_read_only")
    assert told(house.as_(BOB).delete(at))[:2] == (403, "template_read_only")

    assert house.as_(ANN).patch(at, json={"shared": False}).get_json()["shared"] is False
    assert names(house, BOB) == ["Bob's"]
    assert told(house.as_(BOB).delete(at))[:2] == (404, "not_found")


def test_what_is_not_named_in_a_change_stays(house: House):
    kept = keep(house, shared=True)

    changed = house.as_(ROOT).patch(f"/api/templates/{kept['id']}", json={"prompt": "a {size} hat"}).get_json()

    assert (changed["name"], changed["shared"], changed["variables"]) == ("Shoes", True, ["size"])
    assert changed["owner"] == {"id": "ann", "name": "Ann"}


def test_a_prompt_that_no_batch_would_take_is_not_kept(house: House):
    long = "x" * (house.parts.limits.max_prompt_characters + 1)
    at = f"/api/templates/{keep(house)['id']}"
    for prompt, code in (("  ", "prompt_empty"), (long, "prompt_too_long")):
        assert told(house.as_(ANN).post("/api/templates", json=SHOES | {"prompt": prompt}))[:2] == (422, code)
        assert told(house.as_(ANN).patch(at, json={"prompt": prompt}))[:2] == (422, code)
    for name in (" ", "n" * 81):
        assert house.as_(ANN).post("/api/templates", json=SHOES | {"name": name}).status_code == 422
    assert names(house, ANN) == ["Shoes"]


def test_one_person_keeps_so_many_and_no_more_also_when_all_come_at_once(house: House):
    templates = Templates(house.redis)
    for n in range(MAX_TEMPLATES - 1):
        assert templates.add(f"t{n:020}", ANN, TemplateChange("n", "p"))
    clients = [house.as_(ANN) for _ in range(4)]

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda client: client.post("/api/templates", json=SHOES), clients))

    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert {told(answer)[1] for answer in answers if answer.status_code == 409} == {"too_many_templates"}
    keep(house, BOB)


def test_what_was_deleted_is_gone_and_no_change_brings_it_back(house: House):
    template_id = str(keep(house, shared=True)["id"])
    templates = Templates(house.redis)
    stale = templates.get(template_id)
    assert stale is not None

    assert house.as_(ANN).delete(f"/api/templates/{template_id}").status_code == 204

    assert templates.change(stale, TemplateChange(name="x", shared=True)) is False
    assert templates.remove(stale) is False
    assert (names(house, ANN), names(house, BOB)) == ([], [])
    assert [name for name in house.redis.keys("bg:t*") if "token" not in name] == []
