"""Laws of the status: it is a fold over the events."""

from hypothesis import given
from hypothesis import strategies as st

from mlxp_fn.effects.history import History
from mlxp_fn.effects.run_dirs import read_events
from mlxp_fn.records import (
    Checkpointed,
    Completed,
    Created,
    Failed,
    Interrupted,
    Moment,
    RunInfo,
    Started,
    Status,
    TaskError,
    fold,
)

AT = Moment(time="2026-11-23T10:00:00.000000Z", local="23/11/2026 11:00:00")
CHECKPOINT = Checkpointed(at=AT, name="checkpoint.pkl", sha256="00", positions={"train": 7})
ENDS = (
    Completed(at=AT, result=0.5),
    Failed(at=AT, error=TaskError(type="ValueError", message="lr is ${lr}")),
    Interrupted(at=AT, signal="SIGINT"),
)


@st.composite
def attempts(draw):
    """The events of one attempt: a start, checkpoints, and an end unless it was killed."""
    checkpoints = [CHECKPOINT] * draw(st.integers(0, 3))
    end = draw(st.sampled_from((*ENDS, None)))
    return [*checkpoints, *([end] if end else [])]


@st.composite
def histories(draw):
    """A legal history of a run: it is created, then attempted some times."""
    bodies = draw(st.lists(attempts(), max_size=4))
    starts = ([Started(at=AT, attempt=n, process_id=n), *body] for n, body in enumerate(bodies, 1))
    return [Created(at=AT), *(event for start in starts for event in start)]


def expected(events):
    """The status, told a second way: COMPLETE once completed, else what the last start or end says."""
    words = {
        Created: Status.STARTING,
        Started: Status.RUNNING,
        Failed: Status.FAILED,
        Interrupted: Status.INTERRUPTED,
    }
    if any(isinstance(event, Completed) for event in events):
        return Status.COMPLETE
    return next((words[type(event)] for event in reversed(events) if type(event) in words), Status.STARTING)


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
