"""The far side of a contest between two hosts, and the connection to it: a line of JSON there, a line back.

``recruiter.py rival`` is started there over ssh (or here, as a second process), proves as any recruiter does that it
sees the same spool, and then does what it is told in one folder of ``.fjd/tmp``. It knows nothing of what is found.
"""

import contextlib
import json
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Any, Final, cast

import fjd
from fjd import identity
from fjd.errors import FjdError, HireError
from fjd.hiring import remote_conf, ship
from fjd.hiring.remote_conf import RemoteHost
from fjd.hiring.ssh import CONNECT_S, Answer, Ssh
from fjd.recruiter import join, remote, request
from fjd.recruiter.request import Reply, Request
from fjd.spool import contest, filesystems, fsio
from fjd.spool.contest import Prize, Side, Sight
from fjd.spool.layout import Layout, is_file_name

VERB: Final = "rival"
_ANSWER_S = 60.0
"""One thing that it is told takes no longer, but for what it is told to wait for."""
_ENDS_S = 10.0


def folder_of(layout: Layout, token: str) -> str:
    """Return the folder of the contest that ``token`` is the word of."""
    if not is_file_name(token):
        raise HireError("the word of the contest is none")
    return f"{layout.tmp}/contest-{token}"


# ---- there


def serve(read: Callable[[], str], write: Callable[[str], object]) -> None:
    """Be the far side: answer the request that ``read`` gives first, then do what its further lines say until its end.

    ``write`` is given whole lines; whatever is wrong is in the answer.
    """
    told = Reply(version=fjd.__version__, host=identity.this_host().name, clock_s=time.time())
    try:
        asked = request.read_request(read())
        layout = join.same_spool(asked)
        side = Side(layout, folder_of(layout, asked.token), contest.SECOND)
    except FjdError as error:
        write(request.dump(Reply(version=told.version, host=told.host, problem=str(error))))
        return
    kind = filesystems.type_of(layout.root)
    write(request.dump(Reply(version=told.version, host=told.host, clock_s=told.clock_s, kind=kind)))
    while line := read():
        write(json.dumps(_done(side, line)) + "\n")


def _done(side: Side, line: str) -> dict[str, Any]:
    """Do what a line says, and return what is to be answered."""
    try:
        said = json.loads(line)
        do, what = said["do"], said["what"]
        if do in ("take", "having"):
            numbers = range(said["begin"], said["end"])
            return {"numbers": (side.take if do == "take" else side.having)(Prize(what), numbers)}
        if do == "look":
            side.look(Sight(what))
        elif do == "change":
            side.change(Sight(what))
        elif do == "see":
            return {"after_s": side.seen_after_s(Sight(what), float(said["limit_s"]))}
        else:
            return {"problem": f"it does not know how to {do!r:.60}"}
    except FjdError as error:
        return {"problem": str(error)}
    except (ValueError, KeyError, TypeError, RecursionError):
        return {"problem": f"it cannot understand {line!r:.60}"}
    return {}


# ---- here


class Rival:
    """The far side as it is seen from here; ``hello`` is what it said first, ``folder`` where both act."""

    def __init__(self, process: "subprocess.Popen[str]", errors: IO[str]) -> None:
        self._process = process
        self._ear, self._mouth = cast("IO[str]", process.stdin), cast("IO[str]", process.stdout)
        self._errors = errors
        self.hello = Reply()
        self.folder = ""

    def greet(self, asked: Request) -> None:
        """Ask it to take part. Raises `HireError` where it cannot."""
        self.send(request.dump(asked))
        self.hello = request.read_reply(self._line(CONNECT_S + _ANSWER_S))
        if self.hello.problem:
            raise HireError(self.hello.problem)

    def ask(self, do: str, what: Prize | Sight, *, within_s: float = 0.0, **more: Any) -> dict[str, Any]:
        """Have it do something and return its answer. Raises `HireError` where there is none."""
        self.tell(do, what, **more)
        return self.answer(within_s=within_s)

    def tell(self, do: str, what: Prize | Sight, **more: Any) -> None:
        """Have it do something; its `answer` is to be asked for later."""
        self.send(json.dumps({"do": do, "what": what.value, **more}) + "\n")

    def answer(self, *, within_s: float = 0.0) -> dict[str, Any]:
        line = self._line(_ANSWER_S + within_s)
        try:
            said: dict[str, Any] = json.loads(line)
        except ValueError:
            raise HireError(f"what it says cannot be understood: {line!r:.60}") from None
        if said.get("problem"):
            raise HireError(str(said["problem"]))
        return said

    def send(self, line: str) -> None:
        with contextlib.suppress(BrokenPipeError):  # why it has gone is told when its answer is missed
            self._ear.write(line)
            self._ear.flush()

    def _line(self, limit_s: float) -> str:
        """Return its next line; what a login shell prints before is passed over."""
        timer = threading.Timer(limit_s, self._process.kill)
        timer.start()
        try:
            for line in self._mouth:
                if line.startswith("{"):
                    return line
        finally:
            timer.cancel()
        status = self._process.wait()
        self._errors.seek(0)
        if status < 0:
            raise HireError(f"it did not answer within {limit_s:g} s")
        raise HireError(remote.why_silent(Answer(status, "", self._errors.read())))


@contextmanager
def facing(layout: Layout, host: RemoteHost, *, shipped: bool = False, ssh: Ssh | None = None) -> Iterator[Rival]:
    """Start the far side on ``host``, or as a second process here, and yield it with a folder to act in.

    Raises `HireError` where it cannot take part; what the contest left is removed in any case.
    """
    pyz = ship.put(layout) if shipped else ""
    words = remote.words_for(layout, host, VERB, pyz)
    argv = words if remote_conf.is_here(host) else (ssh or Ssh()).argv(host.name, words)
    with remote.token_of(layout) as token, _started(argv) as rival:
        rival.folder = folder_of(layout, token)
        fsio.make_dir(rival.folder)
        try:
            rival.greet(Request(fjd.__version__, host.dir or layout.root, token))
            yield rival
        finally:
            contest.clear(rival.folder)


@contextmanager
def _started(argv: list[str]) -> Iterator[Rival]:
    with tempfile.TemporaryFile("w+", errors="backslashreplace") as errors:
        with fsio.trouble("start", argv[0]):
            process = subprocess.Popen(
                argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True, errors="backslashreplace"
            )
        try:
            yield Rival(process, errors)
        finally:
            timer = threading.Timer(_ENDS_S, process.kill)
            timer.start()
            with contextlib.suppress(BrokenPipeError):
                process.communicate()  # closes its stdin, which is its end
            timer.cancel()
