"""The far end of hiring and firing on other hosts: does here what the recruiter of another host asks for."""

import os
import time
from dataclasses import replace

import fjd
from fjd import identity
from fjd.capacity import processors
from fjd.errors import FjdError
from fjd.hiring import gpus
from fjd.recruiter.fire import end_silent
from fjd.recruiter.hire import hire
from fjd.recruiter.request import Reply, Request, read_request
from fjd.settings import from_environment
from fjd.spool import create, fsio
from fjd.spool.layout import Layout


def answer(line: str) -> Reply:
    """Do what the request in ``line`` says, and return what came of it; whatever is wrong is in the reply."""
    told = Reply(version=fjd.__version__, host=identity.this_host().name, clock_s=time.time())
    try:
        request = read_request(line)
        os.environ.update(request.env)
        layout = same_spool(request)
        return _dismiss(layout, request, told) if request.dismiss else _hire(layout, request, told)
    except FjdError as error:
        return replace(told, problem=str(error))


def same_spool(request: Request) -> Layout:
    """Return the layout of the spool, when what was written into it over there can be read here."""
    layout = create.open_spool(request.dir, create=False)
    data = fsio.read_new(layout.token(request.token), 0, 200)
    if data != request.token.encode():
        raise FjdError(
            f"{layout.root} there is another directory than here: is it on a filesystem that both hosts see? "
            "If its path differs there, say dir in remote.conf"
        )
    return layout


def _hire(layout: Layout, request: Request, told: Reply) -> Reply:
    if not os.path.isdir(request.cwd):
        raise FjdError(f"there is no directory {request.cwd} there to work in")
    chosen = gpus.chosen(request.gpus) if request.gpus else ()
    report = hire(
        layout,
        request.workers or len(chosen) or processors(),
        timings=from_environment(),
        cwd=request.cwd,
        tags=request.tags,
        gpus=chosen,
        via=request.via,
        by=request.by,
    )
    return replace(told, kind=report.kind, note=report.note, hired=report.hired, failures=report.failures)


def _dismiss(layout: Layout, request: Request, told: Reply) -> Reply:
    report = end_silent(layout, request.dismiss, timings=from_environment())
    return replace(told, requeued=report.requeued, failures=report.failures)
