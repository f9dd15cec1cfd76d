"""Accounts, by HTTP: what admins do, and what everybody may change of their own."""

import pytest

from tests.team import ADMIN, NEW, PASSWORD, Team, accept, invite, secret_of, sign_in, told


def test_an_account_is_made_changed_listed_and_removed(team: Team):
    made = team.admin.post(
        "/api/users",
        json={"username": "ann", "name": " Ann ", "role": "member", "email": "a@b.example", "password": PASSWORD},
    )
    ann = made.get_json()
    assert made.status_code == 201
    assert set(ann) == {
        "id", "username", "name", "email", "role", "disabled", "created_at", "last_seen_at", "monthly_budget_micros",
    }  # fmt: skip
    assert (ann["name"], ann["disabled"], ann["last_seen_at"]) == ("Ann", False, None)

    changed = team.admin.patch(f"/api/users/{ann['id']}", json={"name": "Anna", "email": "", "role": "admin"})
    assert changed.get_json() == ann | {"name": "Anna", "email": None, "role": "admin"}
    team.login("ann").get("/api/auth/me")
    [_, listed] = team.admin.get("/api/users").get_json()["items"]
    assert listed.pop("last_seen_at") > ann["created_at"]
    assert listed == {n: v for n, v in changed.get_json().items() if n != "last_seen_at"}

    assert team.admin.delete(f"/api/users/{ann['id']}").status_code == 204
    assert [u["username"] for u in team.admin.get("/api/users").get_json()["items"]] == [ADMIN]
    assert told(team.admin.patch(f"/api/users/{ann['id']}", json={})) == (404, "not_found")
    team.add("ann")  # the name is free again


def test_accounts_are_paged_and_searched(team: Team):
    for n in range(5):
        team.add(f"user{n}", email=f"{n}@example.com")

    seen, cursor = [], ""
    while cursor is not None:
        page = team.admin.get(f"/api/users?limit=2{f'&cursor={cursor}' if cursor else ''}").get_json()
        seen += [u["username"] for u in page["items"]]
        cursor = page["next_cursor"]
    assert seen == [ADMIN, "user0", "user1", "user2", "user3", "user4"]
    for q, found in (("USER3", ["user3"]), ("3@", ["user3"]), ("User3", ["user3"]), ("nobody", [])):
        assert [u["username"] for u in team.admin.get(f"/api/users?q={q}").get_json()["items"]] == found


@pytest.mark.parametrize(
    ("username", "code"),
    [
        ("ann", "username_taken"), ("ANN", "username_taken"), ("ａｎｎ", "username_taken"), ("a b", "username_invalid"),
        ("../x", "username_invalid"), ("_x", "username_invalid"), ("a\nb", "username_invalid"),
    ],
)  # fmt: skip
def test_a_username_is_one_person_s_however_it_is_written(team: Team, username: str, code: str):
    team.add("ann")
    body = {"username": username, "name": "x", "password": PASSWORD}

    answer = team.admin.post("/api/users", json=body)

    assert answer.get_json()["error"]["code"] == code
    assert answer.get_json()["error"]["details"][0]["field"] == "username"


def test_names_of_any_script_are_welcome(team: Team):
    team.add("王小明")

    assert sign_in(team.browser(), "王小明", PASSWORD).get_json()["username"] == "王小明"


@pytest.mark.parametrize("password", ["short", "password1", "iloveyou", "Ann.Example", "ann.example"])
def test_a_weak_password_is_refused_wherever_one_is_set(team: Team, password: str):
    body = {"username": "ann.example", "name": "Ann", "password": password}
    secret = secret_of(invite(team)["link"])

    assert told(team.admin.post("/api/users", json=body)) == (422, "weak_password")
    assert told(accept(team, secret, "ann.example", password)[0]) == (422, "weak_password")
    assert accept(team, secret, "ann.example")[0].status_code == 201


def test_members_get_nowhere_near_the_people(team: Team):
    ann, user_id = team.member("ann"), team.add("bob")

    for method, path, body in (
        ("get", "/api/users", None), ("post", "/api/users", {"username": "x", "name": "x", "password": PASSWORD}),
        ("patch", f"/api/users/{user_id}", {"role": "admin"}), ("delete", f"/api/users/{user_id}", None),
        ("post", f"/api/users/{user_id}/reset", None), ("post", f"/api/users/{user_id}/sign-out", None),
        ("get", "/api/invitations", None), ("post", "/api/invitations", {}), ("delete", "/api/invitations/i", None),
    ):  # fmt: skip
        assert told(getattr(ann, method)(path, json=body) if body is not None else getattr(ann, method)(path)) == (
            403, "forbidden",
        )  # fmt: skip


def test_nobody_raises_himself_by_a_field_too_many(team: Team):
    ann = team.member("ann")

    assert told(ann.patch("/api/auth/me", json={"role": "admin"})) == (422, "field_unknown")
    assert told(ann.patch("/api/auth/me", json={"monthly_budget_micros": 1})) == (422, "field_unknown")
    body = {"token": secret_of(invite(team)["link"]), "username": "bob", "name": "B", "password": NEW, "role": "admin"}
    assert told(team.browser().post("/api/auth/invitations/accept", json=body)) == (422, "field_unknown")


def test_everybody_changes_the_own_name_and_address(team: Team):
    ann = team.member("ann")

    changed = ann.patch("/api/auth/me", json={"name": "Anna", "email": "anna@example.com"}).get_json()

    assert (changed["name"], changed["email"]) == ("Anna", "anna@example.com")
    assert ann.get("/api/auth/me").get_json() == changed
    assert ann.patch("/api/auth/me", json={"email": ""}).get_json()["email"] is None
    assert told(ann.patch("/api/auth/me", json={"email": "no address"})) == (422, "field_invalid")


def test_the_last_admin_is_neither_removed_nor_disabled_nor_demoted(team: Team):
    [root] = team.admin.get("/api/users").get_json()["items"]
    path = f"/api/users/{root['id']}"

    for refused in (
        team.admin.delete(path),
        team.admin.patch(path, json={"disabled": True}),
        team.admin.patch(path, json={"role": "member"}),
        team.admin.patch(path, json={"role": "member", "name": "x"}),
    ):
        assert told(refused) == (409, "last_admin")
    assert team.admin.get("/api/users").get_json()["items"][0]["name"] == root["name"]
    second = team.add("ann", "admin")
    team.admin.patch(f"/api/users/{second}", json={"disabled": True})
    assert told(team.admin.delete(path)) == (409, "last_admin")  # one who cannot sign in does not count
    team.admin.patch(f"/api/users/{second}", json={"disabled": False})
    assert team.admin.delete(path).status_code == 204


def test_an_admin_ends_somebody_s_sessions(team: Team):
    user_id = team.add("ann")
    ann = team.login("ann")

    assert team.admin.post(f"/api/users/{user_id}/sign-out").status_code == 204

    assert ann.get("/api/auth/me").status_code == 401
    assert told(team.admin.post("/api/users/anobody/sign-out")) == (404, "not_found")


def test_accounts_say_what_they_may_spend(team: Team):
    ann, admin = team.member("ann"), team.admin
    ann_id = ann.get("/api/auth/me").get_json()["id"]
    assert ann_id in {one["id"] for one in admin.get("/api/budgets").get_json()}  # though she never submitted
    assert ann.get("/api/auth/me").get_json()["monthly_budget_micros"] is None

    assert admin.put(f"/api/budgets/{ann_id}", json={"monthly_micros": 5_000_000}).status_code == 200

    assert ann.get("/api/auth/me").get_json()["monthly_budget_micros"] == 5_000_000
    found = {one["id"]: one["monthly_budget_micros"] for one in admin.get("/api/users").get_json()["items"]}
    assert found[ann_id] == 5_000_000
    assert set(found.values()) == {5_000_000, None}
