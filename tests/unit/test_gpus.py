"""Which GPUs a host has, with a stand-in for the driver's program."""

import os
from pathlib import Path

import pytest

from fjd.errors import UsageError
from fjd.hiring import gpus

SMI = """\
#!/bin/sh
test "$1" = -L || exit 9
echo "GPU 0: NVIDIA A100-SXM4-40GB (UUID: GPU-5d5b)"
echo "  MIG 1g.5gb Device 0: (UUID: MIG-1)"
echo "GPU 1: NVIDIA A100-SXM4-40GB (UUID: GPU-77aa)"
"""


def smi(directory: Path, text: str = SMI) -> dict[str, str]:
    """An environment with such a program on its PATH."""
    (directory / "nvidia-smi").write_text(text)
    (directory / "nvidia-smi").chmod(0o755)
    return {"PATH": f"{directory}:{os.environ['PATH']}"}


def test_the_driver_is_asked(tmp_path: Path) -> None:
    assert gpus.chosen(gpus.ALL, smi(tmp_path)) == ("0", "1")


def test_what_a_batch_system_left_us_is_all_there_is(tmp_path: Path) -> None:
    environ = smi(tmp_path)
    assert gpus.chosen(gpus.ALL, {**environ, gpus.VARIABLE: "3, GPU-77aa"}) == ("3", "GPU-77aa")
    with pytest.raises(UsageError, match="there is no GPU"):
        gpus.chosen(gpus.ALL, {**environ, gpus.VARIABLE: ""})


def test_they_can_be_named() -> None:
    assert gpus.chosen("1,0", {}) == ("1", "0")


@pytest.mark.parametrize("words", ["", ",", "0,", "0,0", "0;1", "$(x)"])
def test_a_list_that_is_none_is_refused(words: str) -> None:
    with pytest.raises(UsageError, match="no list of GPUs"):
        gpus.chosen(words, {})


def test_without_the_program_the_devices_tell(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    there = ["/dev/nvidia10", "/dev/nvidia0", "/dev/nvidia2x"]
    monkeypatch.setattr("glob.glob", lambda _pattern: there)
    assert gpus.chosen(gpus.ALL, {"PATH": str(tmp_path)}) == ("0", "10")
    there.clear()
    with pytest.raises(UsageError, match="name them: --gpus 0,1"):
        gpus.chosen(gpus.ALL, {"PATH": str(tmp_path)})


def test_a_driver_that_fails_or_hangs_lists_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("glob.glob", lambda _pattern: ["/dev/nvidia0"])
    assert gpus.chosen(gpus.ALL, smi(tmp_path, "#!/bin/sh\necho failed; exit 1\n")) == ("0",)
    monkeypatch.setattr(gpus, "_ANSWER_S", 0.05)
    assert gpus.chosen(gpus.ALL, smi(tmp_path, "#!/bin/sh\nexec sleep 20\n")) == ("0",)
