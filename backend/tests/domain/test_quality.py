import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchgen.domain.failures import KINDS, Category, Rule
from batchgen.domain.models import ImageFacts
from batchgen.domain.quality import Asked, Flag, flags_of, is_same, side_for
from batchgen.errors import MESSAGES

PRINT = bytes(range(200)) * 4


def facts(width: int = 1024, height: int = 768, *, blank: bool = False, fingerprint: bytes = b"") -> ImageFacts:
    return ImageFacts("png", width, height, blank=blank, fingerprint=fingerprint)


def test_a_picture_as_asked_has_nothing_wrong():
    assert flags_of(facts(fingerprint=PRINT), Asked(4 / 3, bytes(800))) == ()


def test_all_that_is_wrong_is_told_the_gravest_first():
    found = flags_of(facts(100, 100, blank=True, fingerprint=PRINT), Asked(2.0, PRINT))

    assert found == (Flag.BLANK, Flag.UNCHANGED, Flag.RATIO, Flag.SMALL)


@pytest.mark.parametrize(("size", "ratio"), [((896, 1152), 4 / 5), ((1152, 896), 5 / 4), ((864, 1184), 3 / 4)])
def test_a_model_s_own_idea_of_a_ratio_is_near_enough(size: tuple[int, int], ratio: float):
    assert flags_of(facts(*size), Asked(ratio)) == ()


@given(st.floats(1 / 8, 8), st.integers(300, 4000))
def test_more_than_three_percent_off_is_another_ratio_whichever_way(ratio: float, height: int):
    for off, wrong in ((1.04, True), (1 / 1.04, True), (1.02, False), (1 / 1.02, False)):
        width = round(height * ratio * off)
        if min(width, height) >= 256:
            assert (Flag.RATIO in flags_of(facts(width, height), Asked(ratio))) is wrong


def test_where_no_ratio_was_promised_any_will_do():
    assert flags_of(facts(3000, 300), Asked()) == ()


@pytest.mark.parametrize(
    ("base", "least"), [(None, 256), ((4000, 3000), 256), ((40, 30), 30), ((96, 640), 96), ((256, 256), 256)]
)
def test_nobody_expects_more_than_the_base_image_has(base, least):
    side = side_for(base)

    assert side == least
    assert flags_of(facts(side, side), Asked(side=side)) == ()
    assert flags_of(facts(side * 3, side - 1), Asked(side=side)) == (Flag.SMALL,)


def test_two_bits_of_the_hash_may_differ_and_not_three():
    assert is_same(PRINT, bytes([PRINT[0] ^ 0b11]) + PRINT[1:])
    assert not is_same(PRINT, bytes([PRINT[0] ^ 0b111]) + PRINT[1:])


def test_the_same_shape_in_other_colours_is_another_picture():
    head, colours = PRINT[:8], bytes(768)

    assert is_same(head + colours, head + bytes([5] * 768))
    assert not is_same(head + colours, head + bytes([6] * 768))
    assert not is_same(head + colours, head + bytes([21]) + bytes(767))


def test_without_a_base_image_nothing_is_unchanged():
    assert not is_same(PRINT, b"")
    assert not is_same(b"", b"")


@pytest.mark.parametrize("flag", list(Flag))
def test_each_flag_has_its_failure_which_a_person_decides_on(flag: Flag):
    code = f"bad_output_{flag}"

    assert KINDS[code] == (Category.BAD_OUTPUT, Rule.ASK)
    assert code in MESSAGES
