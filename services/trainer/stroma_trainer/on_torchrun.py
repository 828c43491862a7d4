"""Starts a stage as N ranks on this machine: python -m stroma_trainer.on_torchrun STAGE --run DIR --processes N

The ranks are `python -m stroma_trainer STAGE --run DIR`, as torchrun would start them, and so are their environment
and their standard input, whose end they watch themselves. torchrun answers every failure with exit code 1; here the
exit codes are those of the trainer: 0 done, 1 an error (told in events.jsonl), 75 stopped or a rank lost, to be
started again. SIGTERM is passed on; a rank that does not end within 30 s is killed.
"""

import argparse
import logging
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from torch.distributed.elastic.multiprocessing import SignalException
from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
from torch.distributed.launcher.api import LaunchConfig, elastic_launch

DONE, ERROR, STOPPED = 0, 1, 75


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="stroma_trainer.on_torchrun")
    parser.add_argument("stage")
    parser.add_argument("--run", type=Path, required=True, metavar="DIR", help="the run directory")
    parser.add_argument("--processes", type=int, required=True, metavar="N", help="ranks on this machine")
    chosen = parser.parse_args(arguments)
    if chosen.processes < 1:
        parser.error(f"--processes is a number of at least 1, not {chosen.processes}")
    logging.getLogger("torch.distributed.launcher.api").setLevel(logging.ERROR)  # it warns of the run id it chooses
    config = LaunchConfig(
        min_nodes=1,
        max_nodes=1,
        nproc_per_node=chosen.processes,
        rdzv_backend="c10d",
        rdzv_endpoint="localhost:0",
        local_addr="localhost",
        max_restarts=0,  # whoever started this one counts the starts
    )
    try:
        command = ("-m", "stroma_trainer", chosen.stage, "--run", str(chosen.run.resolve()))
        elastic_launch(config, sys.executable)(*command)
    except SignalException:
        return STOPPED
    except ChildFailedError as error:
        code, why = verdict({rank: failure.exitcode for rank, failure in error.failures.items()})
        print(why, file=sys.stderr)
        return code
    return DONE


def verdict(exit_codes: Mapping[int, int]) -> tuple[int, str]:
    """The exit code of all, and a line that says why, from the ranks' exit codes (-n: ended by signal n).

    A rank killed from outside takes the others with it, so what they say of it then is no news.
    """
    for rank, code in exit_codes.items():
        if code < 0 and code != -signal.SIGTERM:
            return STOPPED, f"interrupted: rank {rank} was killed by {signal.Signals(-code).name}"
    for rank, code in exit_codes.items():
        if code not in (DONE, STOPPED, -signal.SIGTERM):
            return ERROR, f"failed: rank {rank} ended with exit code {code}"
    return STOPPED, "interrupted: a rank was asked to stop"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
