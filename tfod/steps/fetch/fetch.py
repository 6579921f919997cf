"""The step `fetch`: a published checkpoint into pre-trained-models/, checked before it is there.

It comes from a web server (`download.py`), from an archive the user put there, or is there
already, unpacked by hand. Whatever way, it is unpacked safely (`unpack.py`), read as a
checkpoint of the expected network, and remembered with the SHA-256 of each file in
`<name>/fetched.json`. The zoo publishes no checksums: what came first is trusted, and a later
fetch says when it is another.
"""

import shutil
from dataclasses import dataclass, field, replace
from pathlib import Path

from rich.console import Console

from tfod.errors import UserError
from tfod.files import from_user, refuse_file, whole_folder
from tfod.steps.fetch import zoo
from tfod.steps.fetch.check import Memory, changed, check, read_memory, remember, sha256
from tfod.steps.fetch.download import TIMEOUT_S, download
from tfod.steps.fetch.lock import only_one
from tfod.steps.fetch.part import forget
from tfod.steps.fetch.trouble import Unreachable
from tfod.steps.fetch.unpack import BadArchive, unpack
from tfod.terminal import say
from tfod.workspace import PRE_TRAINED

TIMES_LARGER = 4  # than in the table; an archive or its content larger than that is refused
JUNK = (".DS_Store", "desktop.ini", "Thumbs.db")


@dataclass(frozen=True)
class Fetched:
    """How a fetch ended.

    Attributes:
        name: of the checkpoint.
        folder: where it is.
        how: "downloaded", "unpacked" (an archive that was there), "there" (unchanged), "checked"
            (unpacked by hand) or "moved up" (unpacked by hand into a folder too much).
        source: address or archive it came from; "": unpacked by hand.
        archive_bytes: size of the archive; 0: unpacked by hand.
        variables: of its network.
        trains: whether this version trains it.
        notes: sentences for the user.
    """

    name: str
    folder: Path
    how: str
    source: str
    archive_bytes: int
    variables: int
    trains: bool
    notes: list[str] = field(default_factory=list)


def fetch(
    name: str = zoo.DEFAULT,
    folder: Path = PRE_TRAINED,
    *,
    url: str | None = None,
    archive: Path | None = None,
    force: bool = False,
    timeout_s: float = TIMEOUT_S,
) -> Fetched:
    """Make sure that a published checkpoint is there, checked.

    Args:
        name: its name or parts of it, see `zoo.find`.
        folder: gets a folder of that name.
        url: address of a server that has the archives, or of the archive itself; None: the zoo's.
        archive: a file to take instead of a download.
        force: replace what is there, which is kept until the new one is whole.
        timeout_s: silence of the server after which to try again.

    Raises:
        UserError: it cannot be had, is damaged or not this checkpoint, or something else is
            there. Nothing is left half-written; a partial download is kept to be resumed.
    """
    model = zoo.find(name)
    target = folder / model.name
    refuse_file(folder)
    refuse_file(target)
    there = _inside(target)
    if there and not force:
        if archive is not None:
            raise UserError(f"{target}: is there. Replace it with --force, or move it away.")
        return _move_up(model, target) if there == {model.name} else _look_at(model, target)
    if archive is not None:
        archive = from_user(archive)
        if not archive.is_file():
            raise UserError(f"{archive}: no such file (expected {model.name}.tar.gz).")
    elif not force:
        archive = _placed(model, folder)
    _make(folder)
    busy = f"{target}: another `tfod fetch` is busy with it. Wait until it is done."
    with only_one(folder / f".{model.name}.lock", busy):
        if archive is None:
            return _download(model, target, zoo.address(model, url), timeout_s)
        try:
            return _unpack(model, target, archive, archive.name, "unpacked")
        except BadArchive as error:
            raise UserError(
                f"{error} Get that file again, or move it away and let `tfod fetch {model.name}` "
                "download it."
            ) from error


def _download(model: zoo.Published, target: Path, url: str, timeout_s: float) -> Fetched:
    part = target.with_name(f"{model.name}.tar.gz.part")
    say(Console(stderr=True), f"{url} (about {model.about_mb} MB)")
    try:
        download(url, part, _most_bytes(model), timeout_s)
        source = url.partition("?")[0]  # what follows may be secret
        fetched = _unpack(model, target, part, source, "downloaded")
    except Unreachable as error:
        raise UserError(f"{error}\n{_by_hand(model, target)}") from error
    except BadArchive as error:
        forget(part)
        words = str(error).replace(str(part), url)
        raise UserError(f"{words} Nothing is kept of it.\n{_by_hand(model, target)}") from error
    forget(part)
    return fetched


def _unpack(model: zoo.Published, target: Path, archive: Path, source: str, how: str) -> Fetched:
    """Unpack an archive and check it, whole or not at all."""
    before = read_memory(target)
    with whole_folder(target) as temporary:
        unpack(archive, temporary, model.name, _most_bytes(model))
        try:
            variables = check(model, temporary)
        except UserError as error:
            words = str(error).replace(str(temporary), model.name)
            raise BadArchive(f"{archive}: is not the checkpoint {model.name}: {words}") from error
        memory = Memory(
            model.name, source, archive.stat().st_size, sha256(archive), variables, files={}
        )
        remember(temporary, memory)
    notes = []
    if before and before.archive_sha256 not in ("", memory.archive_sha256):
        notes.append(
            f"the archive is not the one that was fetched before (SHA-256 {before.archive_sha256} "
            f"then, {memory.archive_sha256} now)"
        )
    return _fetched(model, target, how, memory, notes)


def _look_at(model: zoo.Published, target: Path) -> Fetched:
    """Check a folder that is there: against what is remembered, or read it for the first time."""
    again = f"Fetch it again with `tfod fetch {model.name} --force`, or move it away."
    memory = read_memory(target)
    if memory is not None:
        other = changed(target, memory)
        if other:
            names = ", ".join(other[:3]) + (" ..." if len(other) > 3 else "")
            raise UserError(f"{target}: is not as it was fetched ({names} changed). {again}")
        return _fetched(model, target, "there", memory)
    try:
        variables = check(model, target)
    except UserError as error:
        raise UserError(f"{error}\n{target} is there but not as published. {again}") from error
    memory = Memory(model.name, "", 0, "", variables, {})
    notes = []
    try:
        remember(target, memory)
    except UserError:  # of a folder that others own: usable all the same
        notes.append(f"{target} cannot be written, so it is read anew each time")
    return _fetched(model, target, "checked", memory, notes)


def _move_up(model: zoo.Published, target: Path) -> Fetched:
    """Repair what unpacking by hand makes on Windows: NAME/NAME/ instead of NAME/."""
    inner = target / model.name
    if _inside(inner) == {model.name}:
        raise UserError(f"{inner / model.name}: is two folders too deep. Move it to {target}.")
    found = _look_at(model, inner)
    with whole_folder(target) as temporary:  # a copy: nothing is lost when it stops halfway
        shutil.copytree(inner, temporary, dirs_exist_ok=True)
    return replace(found, folder=target, how="moved up")


def _placed(model: zoo.Published, folder: Path) -> Path | None:
    """Find an archive that the user put there, also as browsers rename it: "NAME.tar (1).gz"."""
    exact = [folder / f"{model.name}{suffix}" for suffix in zoo.SUFFIXES]
    others = sorted(
        path
        for path in folder.glob(f"{model.name}*")
        if path.suffix in (".gz", ".tgz", ".tar") and path.name.count("(") == 1
    )
    return next((path for path in [*exact, *others] if path.is_file()), None)


def _fetched(
    model: zoo.Published, target: Path, how: str, memory: Memory, notes: list[str] | None = None
) -> Fetched:
    notes = list(notes or [])
    if not model.trains:
        notes.append("this version of tfod cannot train it yet")
    size, source = memory.archive_bytes, memory.source
    return Fetched(model.name, target, how, source, size, memory.variables, model.trains, notes)


def _by_hand(model: zoo.Published, target: Path) -> str:
    return (
        f"Without network: get {zoo.ADDRESS}/{model.name}.tar.gz with a browser or on another "
        f"computer, put it into {target.parent}, and run `tfod fetch {model.name}` again."
    )


def _most_bytes(model: zoo.Published) -> int:
    return TIMES_LARGER * model.about_mb * 1_000_000


def _inside(folder: Path) -> set[str]:
    """Name what a folder holds, but for what systems leave everywhere; nothing when it is not."""
    if not folder.is_dir():
        return set()
    return {path.name for path in folder.iterdir()} - set(JUNK)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            f"{folder}: cannot be made ({error.strerror}). Choose another folder with --output."
        ) from error
