"""Decisions about signing in elsewhere, as properties."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.identities.models import LinkedBy
from server.identities.rules import OLDEST, SKEW, BadToken, Candidate, Claims, Found, Why, check_claims, find_account, read_claims

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
WAYS = LinkedBy.number, LinkedBy.email
seconds = st.integers(-3600, 3600)
words = st.sampled_from([None, "a@x.edu", "A@X.EDU", "2026001", "2026002"])
people = st.builds(
    Candidate, user_id=st.integers(1, 4), number=words, email=words, is_active=st.booleans(), is_linked=st.booleans()
)
crowds = st.lists(people, max_size=4, unique_by=lambda person: person.user_id)
claimed = st.builds(Claims, issuer=st.just("i"), subject=st.just("s"), number=words, email=words)


@given(made=seconds, lasts=st.integers(0, 3600))
def test_a_token_holds_from_its_making_to_its_end_give_or_take_a_minute(made: int, lasts: int) -> None:
    iat = NOW.timestamp() + made
    claims = {"iss": "i", "aud": "c", "sub": "s", "nonce": "n", "iat": iat, "exp": iat + lasts}
    skew = SKEW.total_seconds()
    holds = made <= skew and made + lasts + skew > 0 and made + OLDEST.total_seconds() + skew >= 0
    try:
        check_claims(claims, issuer="i", audience="c", nonce="n", now=NOW)
    except BadToken:
        assert not holds
    else:
        assert holds


@given(claims=claimed, crowd=crowds, by=st.sets(st.sampled_from(WAYS)))
def test_nobody_is_found_who_does_not_fit_alone(claims: Claims, crowd: list[Candidate], by: set[LinkedBy]) -> None:
    found = find_account(claims, crowd, by=by)
    if isinstance(found, Found):
        person = next(each for each in crowd if each.user_id == found.user_id)
        assert found.by in by and person.is_active and not person.is_linked
        rest = [each for each in crowd if each is not person]
        assert find_account(claims, rest, by=by) is Why.unknown
    if not by:
        assert found is Why.unknown


@given(claims=claimed, crowd=crowds)
def test_allowing_less_never_finds_somebody_else(claims: Claims, crowd: list[Candidate]) -> None:
    """Another way may make it ambiguous; it never leads to a second person silently."""
    both = find_account(claims, crowd, by=WAYS)
    one = find_account(claims, crowd, by=[LinkedBy.number])
    if isinstance(both, Found) and isinstance(one, Found):
        assert both.user_id == one.user_id


@pytest.mark.parametrize(
    ("said", "email"),
    [
        ({"email": "A@x.edu", "email_verified": True}, "a@x.edu"),
        ({"email": "a@x.edu", "email_verified": "true"}, "a@x.edu"),
        ({"email": "a@x.edu", "email_verified": 1}, "a@x.edu"),
        ({"email": "a@x.edu", "email_verified": "false"}, None),
        ({"email": "a@x.edu"}, None),
        ({"email": ["a@x.edu"], "email_verified": True}, None),
        ({"email": "a@x@edu", "email_verified": True}, None),
    ],
)
def test_an_address_counts_only_where_somebody_vouches_for_it(said: dict[str, object], email: str | None) -> None:
    read = read_claims({"iss": "i", "sub": "s", **said}, number_claim=None, login_claim="preferred_username")
    assert read.email == email


def test_until_the_last_moment_is_a_property_of_the_skew() -> None:
    ends = int((NOW - SKEW).timestamp())
    claims = {"iss": "i", "aud": "c", "sub": "s", "nonce": "n", "iat": ends - 1, "exp": ends}
    with pytest.raises(BadToken, match="expired"):
        check_claims(claims, issuer="i", audience="c", nonce="n", now=NOW)
    check_claims(claims, issuer="i", audience="c", nonce="n", now=NOW - timedelta(seconds=1))
