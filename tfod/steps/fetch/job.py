"""Put one checkpoint in place: download it, unpack it, or verify what is there already.

Which of these is to be done, and that nobody else does it at the same time, is up to `fetch.py`.
"""

import shutil
from dataclasses import dataclass, field, replace
from pathlib import Path

from tfod.errors import Problem, UserError, refusal
from tfod.files import whole_folder
from tfod.listing import is_junk
from tfod.progress import Progress
from tfod.remedies import Advice, Remedy
from tfod.steps.fetch import zoo
from tfod.steps.fetch.check import (
    Quiet,
    Receipt,
    changed_files,
    check,
    read_receipt,
    sha256,
    write_receipt,
)
from tfod.steps.fetch.download import download
from tfod.steps.fetch.part import read_part
from tfod.steps.fetch.unpack import BadArchive, unpack
from tfod.words import some

TIMES_LARGER = 4  # than in the table; an archive or its content larger than that is refused


@dataclass(frozen=True)
class Fetched:
    """How a fetch ended.

    Attributes:
        name: of the checkpoint.
        folder: where it is.
        how: "downloaded", "unpacked" (an archive that was there), "there" (unchanged), "checked"
            (unpacked by hand) or "moved up" (unpacked by hand one folder too deep).
        source: address or archive it came from; "": unpacked by hand.
        archive_bytes: size of the archive; 0: unpacked by hand.
        variables: number of variables of its network.
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


@dataclass(frozen=True)
class Job:
    """One checkpoint to be put into its folder, `target`; the others are as in `fetch`."""

    model: zoo.Published
    target: Path
    timeout_s: float
    progress: Progress
    quiet: Quiet

    def download(self, url: str) -> Fetched:
        """Download an archive and unpack it; what is wrong with it can be got round by hand."""
        path = self.target.with_name(f"{self.model.name}.tar.gz.part")
        self.progress.note(f"{url} (about {self.model.about_mb} MB)")
        try:
            download(url, path, self.most_bytes, self.timeout_s, self.progress)
            source = url.partition("?")[0]  # what follows may be secret
            fetched = self.unpack(path, source, "downloaded")
        except BadArchive as error:
            read_part(path, url).remove()
            problems = [replace(p, where=url, remedy=self._by_hand) for p in error.problems]
            raise UserError(*problems) from error
        except UserError as error:
            problems = [p if p.remedy else replace(p, remedy=self._by_hand) for p in error.problems]
            raise UserError(*problems) from error
        read_part(path, url).remove()
        return fetched

    def unpack(self, archive: Path, source: str, how: str) -> Fetched:
        """Unpack an archive and check it, whole or not at all."""
        before = read_receipt(self.target)
        with whole_folder(self.target) as temporary:
            unpack(archive, temporary, self.model.name, self.most_bytes)
            try:
                variables = check(self.model, temporary, self.quiet)
            except UserError as error:
                problems = [_of_archive(p, archive, temporary) for p in error.problems]
                raise BadArchive(*problems) from error
            size, digest = archive.stat().st_size, sha256(archive)
            receipt = Receipt(self.model.name, source, size, digest, variables, files={})
            write_receipt(temporary, receipt)
        if before is None or before.archive_sha256 in ("", digest):
            return self._fetched(how, receipt)
        digests = f"SHA-256 {before.archive_sha256} then, {digest} now"
        note = f"the archive differs from the one fetched before ({digests})"
        return self._fetched(how, receipt, note)

    def verify(self, folder: Path) -> Fetched:
        """Check a folder that is there: against its receipt, or read it for the first time."""
        receipt = read_receipt(folder)
        if receipt is not None:
            if changed := changed_files(folder, receipt):
                what = f"changed since it was fetched: {some(changed)}"
                raise refusal("checkpoint-changed", folder, what, remedy=self._fetch_again)
            return self._fetched("there", receipt)
        try:
            variables = check(self.model, folder, self.quiet)
        except UserError as error:
            problems = [replace(problem, remedy=self._fetch_again) for problem in error.problems]
            raise UserError(*problems) from error
        receipt = Receipt(self.model.name, "", 0, "", variables, {})
        try:
            write_receipt(folder, receipt)
        except UserError:  # of a folder that others own: usable all the same
            note = f"{folder} cannot be written, so it will be checked again each time"
            return self._fetched("checked", receipt, note)
        return self._fetched("checked", receipt)

    def move_up(self) -> Fetched:
        """Repair what unpacking by hand makes on Windows: NAME/NAME/ instead of NAME/."""
        inner = self.target / self.model.name
        fetched = self.verify(inner)
        with whole_folder(self.target) as temporary:  # a copy: nothing is lost when it is stopped
            shutil.copytree(inner, temporary, dirs_exist_ok=True)
        return replace(fetched, folder=self.target, how="moved up")

    def _fetched(self, how: str, receipt: Receipt, *notes: str) -> Fetched:
        if not self.model.trains:
            notes += ("this version cannot train it yet",)
        return Fetched(
            self.model.name,
            self.target,
            how,
            receipt.source,
            receipt.archive_bytes,
            receipt.variables,
            self.model.trains,
            [*notes],
        )

    @property
    def _by_hand(self) -> Advice:
        address = f"{zoo.ADDRESS}/{self.model.name}.tar.gz"
        return Remedy.DOWNLOAD_BY_HAND(address=address, folder=self.target.parent)

    @property
    def _fetch_again(self) -> Advice:
        return Remedy.RUN(step="fetch", name=self.model.name, force=True)

    @property
    def most_bytes(self) -> int:
        """The most that the archive, and what is in it, may have."""
        return TIMES_LARGER * self.model.about_mb * 1_000_000


def _of_archive(problem: Problem, archive: Path, folder: Path) -> Problem:
    """Say of an archive what is wrong with a file that was unpacked from it."""
    path = Path(str(problem.where))
    if folder in path.parents:
        inside = replace(problem, where=path.relative_to(folder).as_posix())
        problem = replace(problem, what=f"{inside.place}: {problem.what}", line=None, setting="")
    return replace(problem, where=archive)


def content_of(folder: Path) -> set[str]:
    """Name what a folder holds, but for what systems leave everywhere; nothing when it is not."""
    if not folder.is_dir():
        return set()
    return {path.name for path in folder.iterdir() if not is_junk(path)}
