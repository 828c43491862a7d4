"""Starts a stage.

    python -m stroma_trainer STAGE --run DIR                                     # the platform: DIR holds config.json
    python -m stroma_trainer train_dino --data FOLDER --preset tiny --out RUN    # alone: command_line.py
    python -m stroma_trainer evaluate --train FOLDER --test FOLDER --encoder RUN # prints its result

Exit codes: 0 the stage is done, 1 an error (told in events.jsonl), 75 stopped after a checkpoint, or another
process of the run was lost (start it again).
"""

import argparse
import fcntl
import importlib
import json
import os
import signal
import stat
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import IO

from stroma_trainer import command_line, model_commands, world
from stroma_trainer.errors import Stopped, TrainerError
from stroma_trainer.run_directory import INPUTS, RunDirectory, append_event, finite
from stroma_trainer.terminal import Terminal

STOPPED = 75  # EX_TEMPFAIL
OTHERS_WAIT_S = 1.0  # before another process than 0 tells an error
GRACE_S = 30.0  # for the checkpoint, once the parent has died

Watch = Callable[[threading.Event], None]

# Imported only when chosen: a wrong config is refused without waiting for torch's networks.
STAGES = {
    "train_dino": ("stroma_trainer.train_dino", "train"),
    "train_eldm": ("stroma_trainer.train_eldm", "train"),
    "synthesize": ("stroma_trainer.synthesize", "synthesize"),
    "train_gen_dino": ("stroma_trainer.train_dino", "train"),
    "embed": ("stroma_trainer.embed", "embed"),
    "train_abmil": ("stroma_trainer.train_abmil", "train"),
    "evaluate": ("stroma_trainer.evaluate", "evaluate"),
}


def main(arguments: list[str]) -> int:
    if arguments and arguments[0] in model_commands.NAMES:
        return model_commands.main(arguments)
    parser = argparse.ArgumentParser(prog="stroma_trainer")
    parser.add_argument("stage", choices=sorted(INPUTS))
    parser.add_argument("--run", type=Path, metavar="DIR", help="a run directory with its config.json")
    command_line.add_options(parser)
    chosen = parser.parse_args(arguments)
    if chosen.train is not None or chosen.test is not None:
        return print_folders(chosen)
    if (chosen.run is None) == (chosen.out is None):
        parser.error("give --run DIR, or --out RUN with the options of the stage")
    if chosen.run is not None:
        return run_stage(chosen.stage, chosen.run.resolve(), watch_process)
    try:
        stage, directory = command_line.prepare_run(chosen)
    except TrainerError as error:
        print(error, file=sys.stderr)
        return 1
    status = run_stage(stage, directory, watch_terminal, Terminal())
    if status == 0:
        print((directory / "result.json").read_text())
    elif status == STOPPED:
        print("Stopped after a checkpoint; the same command goes on from it.", file=sys.stderr)
    return status


def print_folders(chosen: argparse.Namespace) -> int:
    try:
        if chosen.stage != "evaluate":
            raise TrainerError("option_unknown", f"{chosen.stage} has no use for --train and --test", expected="--data")
        found = command_line.evaluate_on_folders(chosen)
    except TrainerError as error:
        print(error, file=sys.stderr)
        return 1
    print(json.dumps(finite(found), indent=2, allow_nan=False, ensure_ascii=False))
    return 0


def run_stage(stage: str, directory: Path, watch: Watch, terminal: Terminal | None = None) -> int:
    """One process of a stage, whatever started it; the exit code. watch: sets the event when the stage is to stop;
    terminal: a person is watching, nobody else has started this process."""
    if not directory.is_dir():
        print(f"run_missing: {directory} is no directory", file=sys.stderr)
        return 1
    with (directory / "lock").open("w") as lock:
        if world.leads() and not acquire(lock):
            # events.jsonl belongs to the process that holds the lock
            print(f"run_locked: another process works on {directory}", file=sys.stderr)
            return 1
        if (directory / "result.json").exists():
            return 0
        try:
            execute(stage, directory, watch, terminal)
        except Stopped:
            return STOPPED
        except TrainerError as error:
            details = {name: text for name, text in error.details.items() if text is not None}
            tell(directory, code=error.code, message=error.message, **details)
            print(error, file=sys.stderr)
            return 1
        except Exception as error:
            if world.broken(error):
                world.abandon(str(error).partition(". This is typically")[0])
            traceback.print_exc()
            last = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{Path(last.filename).name}:{last.lineno}"
            message = f"{type(error).__name__}: {error}"
            tell(directory, code="internal", message=message, where=where)
            return 1
    return 0


def execute(stage: str, directory: Path, watch: Watch, terminal: Terminal | None) -> None:
    run = RunDirectory(directory, stage, terminal)
    watch(run.stop)
    module, function = STAGES[stage]
    losses, metrics = getattr(importlib.import_module(module), function)(run)
    world.leave()
    if not world.leads():
        return
    run.check_stop()
    exports = importlib.import_module("stroma_trainer.export_onnx").EXPORTS
    parity, checkpoints = exports[stage](run)
    run.finish(losses, metrics, parity, checkpoints)


def tell(directory: Path, **fields: str) -> None:
    """An error that all processes meet is told once, by process 0."""
    if not world.leads():
        time.sleep(OTHERS_WAIT_S)
        lines = (directory / "events.jsonl").read_bytes().splitlines() if (directory / "events.jsonl").exists() else []
        if lines and json.loads(lines[-1])["kind"] == "error":
            return
    append_event(directory, "error", **fields)


def acquire(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def watch_process(stop: threading.Event) -> None:
    """SIGTERM and the parent's death ask to stop."""
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    if stdin_is_pipe():
        threading.Thread(target=watch_parent, args=(stop,), daemon=True).start()


def watch_terminal(stop: threading.Event) -> None:
    """SIGTERM and Ctrl-C ask to stop."""

    def interrupt(*_: object) -> None:
        stop.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a second Ctrl-C does not wait for the checkpoint

    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, interrupt)


def stdin_is_pipe() -> bool:
    """A terminal, a file or /dev/null says nothing about the parent; Node's pipes are sockets."""
    try:
        mode = os.fstat(sys.stdin.fileno()).st_mode
    except (OSError, ValueError, AttributeError):
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def watch_parent(stop: threading.Event) -> None:
    """When standard input closes, the parent has died: asks for a checkpoint, then ends the process."""
    descriptor = sys.stdin.fileno()
    while os.read(descriptor, 4096):
        pass
    stop.set()
    time.sleep(GRACE_S)
    os._exit(STOPPED)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
