"""A real Grid Engine of one's own: master and one host in namespaces that end with the command which is run in them.

The system's cell and spool directory are seen through overlays, and stay as they are.
"""

import subprocess
from pathlib import Path

_WITHIN = """\
set -e
root=$1; shift
hostname sgehost
ip link set lo up
ip addr add 10.98.1.1/32 dev lo
printf '127.0.0.1 localhost\\n10.98.1.1 sgehost\\n' > $root/hosts
mount --bind $root/hosts /etc/hosts
for name in lib spool; do
    mkdir $root/$name $root/$name.work
    mount -t overlay overlay -o lowerdir=/var/$name/gridengine,upperdir=$root/$name,workdir=$root/$name.work \
/var/$name/gridengine
done
export SGE_ROOT=/var/lib/gridengine SGE_CELL=default
echo sgehost > $SGE_ROOT/default/common/act_qmaster
sge_qmaster
admin() { su sgeadmin -s /bin/bash -c "SGE_ROOT=$SGE_ROOT SGE_CELL=$SGE_CELL $*"; }
for try in $(seq 150); do admin qconf -sh >/dev/null 2>&1 && break; sleep 0.1; done
admin "qconf -am root; qconf -ah sgehost; qconf -as sgehost" || true
printf 'group_name @allhosts\\nhostlist sgehost\\n' > $root/group
qconf -Ahgrp $root/group
mkdir $root/new
qconf -sconf | sed -e 's/^min_uid .*/min_uid 0/; s/^min_gid .*/min_gid 0/' > $root/new/global
qconf -Mconf $root/new/global
quick='s/^schedule_interval .*/schedule_interval 0:0:1/; s/^flush_submit_sec .*/flush_submit_sec 1/'
qconf -ssconf | sed -e "$quick; s/^flush_finish_sec .*/flush_finish_sec 1/" > $root/schedule
qconf -Msconf $root/schedule
sge_execd
main='s/^qname .*/qname main.q/; s/^hostlist .*/hostlist @allhosts/; s/^slots .*/slots 2/; s/^pe_list .*/pe_list NONE/'
qconf -sq | sed -e "$main; s,^shell .*,shell /bin/bash,; s/^load_thresholds .*/load_thresholds NONE/" > $root/queue
qconf -Aq $root/queue
for try in $(seq 300); do qstat -f | grep -q 'main.q.*0/0/.*lx-amd64 *$' && break; sleep 0.1; done
exec >&3 2>&4
"$@"
"""


def run(root: Path, command: str, timeout_s: float) -> "subprocess.CompletedProcess[str]":
    """Run the shell command ``command`` with a ready Grid Engine of two slots; all of it is gone afterwards."""
    unshare = ["unshare", "--net", "--uts", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child"]
    script = root / "within.sh"
    script.write_text(_WITHIN)
    with (root / "log").open("w") as log, (root / "out").open("w") as out, (root / "err").open("w") as err:
        wrapped = f'exec 3>{root}/out 4>{root}/err; exec bash "$0" "$@"'
        done = subprocess.run(
            [*unshare, "bash", "-c", wrapped, str(script), str(root), "bash", "-c", command],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            timeout=timeout_s,
            check=False,
        )
        del out, err  # made here, so that they are there whatever happens
    said = (root / "out").read_text(), (root / "err").read_text()
    assert said[0], f"Grid Engine did not start:\n{(root / 'log').read_text()}"
    return subprocess.CompletedProcess(command, done.returncode, *said)
