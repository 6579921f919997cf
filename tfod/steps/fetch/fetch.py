"""The step `fetch`: a published checkpoint in pre-trained-models/, checked before it is there.

It comes from a web server (`download.py`), from an archive the user put there, or is there
already, unpacked by hand. Either way it is unpacked safely (`unpack.py`), read as a checkpoint of
the expected network, and remembered with the SHA-256 of each file in `<name>/fetched.json`. The
zoo publishes no checksums: what came first is trusted, and a later fetch says when another comes.
"""

from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from tfod.errors import refusal
from tfod.files import check_writable, from_user, refuse_file
from tfod.locks import only_one
from tfod.progress import SILENT, Progress
from tfod.remedies import Remedy
from tfod.steps.fetch import zoo
from tfod.steps.fetch.check import Quiet
from tfod.steps.fetch.download import TIMEOUT_S
from tfod.steps.fetch.job import Fetched, Job, content_of
from tfod.workspace import Workspace


@dataclass(frozen=True)
class Options:
    """Where a checkpoint comes from and goes to.

    Attributes:
        folder: gets a folder for the checkpoint; None: pre-trained-models of the workspace.
        url: address of a server that has the archives, or of the archive itself; None: the zoo's.
        archive: a file to use instead of a download.
        force: replace what is there, which is kept until the new one is whole.
        timeout_s: silence of the server after which to try again.
    """

    folder: Path | None = None
    url: str | None = None
    archive: Path | None = None
    force: bool = False
    timeout_s: float = TIMEOUT_S


def fetch(
    workspace: Workspace,
    name: str = zoo.DEFAULT,
    options: Options = Options(),
    progress: Progress = SILENT,
    quiet: Quiet = nullcontext,
) -> Fetched:
    """Make sure that a published checkpoint is there, checked.

    Args:
        workspace: gets it in pre-trained-models/.
        name: its name or parts of it, see `zoo.find`.
        options: where it comes from and goes to.
        progress: counts the download.
        quiet: makes a context manager in which TensorFlow is imported and reads the checkpoint.

    Raises:
        UserError: it cannot be had, is damaged or not this checkpoint, or something else is
            there. Nothing is left half-written; a partial download is kept to be resumed.
    """
    model = zoo.find(name)
    folder = options.folder or workspace.pre_trained
    target = folder / model.name
    refuse_file(folder)
    refuse_file(target)
    job = Job(model, target, options.timeout_s, progress, quiet)
    content = content_of(target)
    if content and not options.force:
        if options.archive is not None:
            what, advice = "already has a checkpoint", Remedy.OVERWRITE(setting="force")
            raise refusal("already-there", target, what, remedy=advice)
        return job.move_up() if content == {model.name} else job.verify(target)
    archive = _archive(model, folder, options)
    check_writable(folder)
    what = "another process is fetching it"
    running = refusal("fetch-running", target, what, remedy=Remedy.WAIT)
    with only_one(folder / f".{model.name}.lock", running):
        if archive is None:
            return job.download(zoo.address(model, options.url))
        return job.unpack(archive, archive.name, "unpacked")


def _archive(model: zoo.Published, folder: Path, options: Options) -> Path | None:
    """Find the archive to unpack: the one given, or one the user put there; None to download."""
    if options.archive is not None:
        archive = from_user(options.archive)
        if archive.is_file():
            return archive
        what, expected = "file not found", f"{model.name}.tar.gz"
        raise refusal("not-found", archive, what, expected=expected, remedy=Remedy.CHECK_PATH)
    if options.force:
        return None
    exact = [folder / f"{model.name}{suffix}" for suffix in zoo.SUFFIXES]
    numbered = sorted(  # as browsers rename a second download: "NAME.tar (1).gz"
        path
        for path in folder.glob(f"{model.name}*")
        if path.suffix in (".gz", ".tgz", ".tar") and path.name.count("(") == 1
    )
    return next((path for path in [*exact, *numbered] if path.is_file()), None)
