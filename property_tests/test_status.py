"""Laws of the status: it is a fold over the events."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from mlxp_fn.effects.history import History
from mlxp_fn.effects.run_dirs import read_events
from mlxp_fn.records import (
    Checkpointed,
    Completed,
    Created,
    Described,
    Failed,
    InputLogged,
    Interrupted,
    Lost,
    Moment,
    RunInfo,
    Started,
    Status,
    TaskError,
    Warned,
    fold,
)

AT = Moment(time="2026-11-23T10:00:00.000000Z", local="23/11/2026 11:00:00")
TIMES = st.integers(0, 59).map(
    lambda second: Moment(time=f"2026-11-23T10:00:{second:02}.000000Z", local=f"23/11/2026 11:00:{second:02}")
)
"""Clocks go backwards, too: nothing says that a later event has a later time."""

MEANWHILE = st.one_of(
    st.builds(
        InputLogged,
        at=TIMES,
        path=st.sampled_from(["/a", "/b"]),
        resolved=st.just("/a"),
        size=st.integers(0, 9),
        sha256=st.sampled_from(["00", "01"]),
        files=st.none() | st.integers(0, 9),
    ),
    st.builds(Checkpointed, at=TIMES, name=st.just("c.pkl"), sha256=st.just("00"), positions=st.just({"train": 7})),
    st.builds(Warned, at=TIMES, signal=st.just("SIGUSR1")),
    st.builds(Described, at=TIMES, name=st.sampled_from([None, "", "task"]), add=st.just(("baseline",))),
)
ENDS = st.one_of(
    st.builds(Completed, at=TIMES, result=st.just(0.5)),
    st.builds(Failed, at=TIMES, error=st.just(TaskError(type="ValueError", message="lr is ${lr}"))),
    st.builds(Interrupted, at=TIMES, signal=st.just("SIGINT")),
)
BY_HAND = st.builds(
    Described,
    at=TIMES,
    by_hand=st.just(True),
    name=st.sampled_from([None, "", "hand"]),
    add=st.sampled_from([(), ("good",)]),
    remove=st.sampled_from([(), ("baseline",), ("good",)]),
)


@st.composite
def attempts(draw):
    """The events of one attempt after its start: what happened, and an end unless it was killed."""
    end = draw(st.none() | ENDS)
    return [*draw(st.lists(MEANWHILE, max_size=3)), *([end] if end else [])]


@st.composite
def histories(draw):
    """A legal history of a run: it is created, then attempted some times; what is said from outside stands first.

    Whoever settles an attempt, or names the run, does it later, into the first file.
    """
    bodies = draw(st.lists(attempts(), max_size=4))
    silent = [n for n, body in enumerate(bodies, 1) if not any(isinstance(event, _ENDS) for event in body)]
    settled = draw(st.lists(st.sampled_from(silent), max_size=2)) if silent else []
    outside = [*(Lost(at=AT, attempt=n, last_seen=AT) for n in settled), *draw(st.lists(BY_HAND, max_size=2))]
    starts = ([Started(at=draw(TIMES), attempt=n, process_id=n), *body] for n, body in enumerate(bodies, 1))
    return [Created(at=AT), *outside, *(event for start in starts for event in start)]


_ENDS = (Completed, Failed, Interrupted)


def expected(events):
    """The status, told a second way: COMPLETE once completed, else what the last start or end says."""
    words = {Created: Status.STARTING, Failed: Status.FAILED, Interrupted: Status.INTERRUPTED}
    if any(isinstance(event, Completed) for event in events):
        return Status.COMPLETE
    settled = {event.attempt for event in events if isinstance(event, Lost)}
    for event in reversed(events):
        if isinstance(event, Started):
            return Status.INTERRUPTED if event.attempt in settled else Status.RUNNING
        if type(event) in words:
            return words[type(event)]
    return Status.STARTING


@given(histories())
def test_every_prefix_of_a_history_has_the_status_that_its_events_say(events):
    for length in range(len(events) + 1):
        assert fold(events[:length]).status is expected(events[:length])


@given(histories(), st.integers(0, 20))
def test_the_state_does_not_depend_on_where_the_replay_was_interrupted(events, cut):
    state = fold(events[:cut])
    for event in events[cut:]:
        state = state.after(event)

    assert state == fold(events)


@given(histories())
def test_what_was_recorded_replays_to_the_same_state(tmp_path_factory, events):
    run_dir = tmp_path_factory.mktemp("logs") / "1"
    (run_dir / "metadata/events").mkdir(parents=True)
    history = History(run_dir, 1)

    recorded = [history.happened(event) for event in events]

    assert [fold(read_events(run_dir, 1)[:n]) for n in range(1, len(events) + 1)] == recorded


@given(st.lists(histories(), min_size=2, max_size=3))
def test_a_run_that_is_complete_stays_complete(parts):
    state = RunInfo()
    was_complete = False
    for event in (event for part in parts for event in part):
        state = state.after(event)
        was_complete = was_complete or isinstance(event, Completed)
        assert (state.status is Status.COMPLETE) is was_complete


def is_from_outside(event):
    """Whether an event stands in the first file whenever it happened."""
    return isinstance(event, Lost) or (isinstance(event, Described) and event.by_hand)


@given(histories(), st.data())
def test_what_is_said_from_outside_means_the_same_wherever_it_stands(events, data):
    outside = [event for event in events if is_from_outside(event)]
    mixed = [event for event in events if not is_from_outside(event)]
    places = st.lists(st.integers(1, len(mixed)), min_size=len(outside), max_size=len(outside)).map(sorted)
    for place, event in reversed(list(zip(data.draw(places), outside, strict=True))):
        mixed.insert(place, event)

    one, other = fold(events), fold(mixed)
    assert (one.status, one.name, one.tags) == (other.status, other.name, other.tags)


@given(histories())
def test_no_event_leads_to_what_only_readers_find_out(events):
    assert {fold(events[:length]).status for length in range(len(events) + 1)}.isdisjoint({"LOST", "STALE"})


@given(histories(), st.lists(TIMES, min_size=30, max_size=30))
def test_the_status_does_not_depend_on_any_clock(events, times):
    shifted = [replace(event, at=at) for event, at in zip(events, times, strict=False)]

    one, other = fold(events[: len(shifted)]), fold(shifted)
    assert (one.status, one.name, one.tags) == (other.status, other.name, other.tags)
