"""Curves and pictures in the browser: TensorBoard on the models of a workspace.

It runs in threads of this process and ends with it; nothing is left running. TensorBoard listens
on this computer only. Run it with `tfod tensorboard [NAME]`.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, redirect_stderr, suppress
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfod.errors import refusal
from tfod.remedies import Remedy
from tfod.runtimes.load import find_model
from tfod.workspace import Workspace

if TYPE_CHECKING:
    from tensorboard.program import TensorBoardServer

HOST = "localhost"
MOST_PORT = 65535
EVENTS = "**/events.out.tfevents.*"
Quiet = Callable[[], AbstractContextManager[object]]


class Board:
    """A TensorBoard that is running; a context manager that ends it.

    Attributes:
        address: of its page.
        folder: what it shows.
        is_empty: nothing is there to be shown yet; it looks again every few seconds.
    """

    def __init__(self, folder: Path, port: int | None):
        """Begin to answer on a port, in a thread; None tries ten ports from 6006 on, 0 finds any.

        Raises:
            TensorBoardServerException: nothing can listen there.
        """
        from tensorboard import default, program

        def served(*given: Any) -> "TensorBoardServer":
            self._server = program.create_port_scanning_werkzeug_server(*given)
            return self._server

        self.folder = folder
        self.is_empty = next(folder.glob(EVENTS), None) is None
        self._board = program.TensorBoard(default.get_plugins(), server_class=served)
        self._board.configure(logdir=str(folder), host=HOST, port=port)
        try:
            self.address = self._board.launch()
        except program.TensorBoardServerException:
            self._end_reader()
            raise

    def __enter__(self) -> "Board":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"TensorBoard of {self.folder} at {self.address}"

    def close(self) -> None:
        """End it, with the process that reads the files for it; again, it does nothing."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._end_reader()
            self._server = None

    def _end_reader(self) -> None:
        """End the process that reads the files, with its stdin, which TensorBoard keeps."""
        reader = getattr(self._board, "_ingester", None)
        if stdin := getattr(reader, "_stdin_handle", None):
            stdin.close()


def tensorboard(
    workspace: Workspace,
    name: str | None = None,
    port: int | None = None,
    quiet: Quiet = nullcontext,
) -> Board:
    """Start TensorBoard.

    Args:
        name: of the model to show, or its path; None: all models.
        port: to listen on; None: 6006, or a free one when that is taken.
        quiet: entered while it starts, as native code writes to the terminal.

    Raises:
        UserError: there is no such model, the port is taken, or TensorBoard is not installed.
    """
    if port is not None and not 1 <= port <= MOST_PORT:
        expected = f"1 to {MOST_PORT}"
        what = "not a port"
        raise refusal("number-out-of-range", setting="port", what=what, expected=expected, got=port)
    folder = find_model(workspace, name) if name else workspace.models
    try:
        from tensorboard.program import TensorBoardServerException
    except ModuleNotFoundError as error:
        remedy = Remedy.INSTALL(package=error.name)
        raise refusal("package-missing", error.name, "is not installed", remedy=remedy) from error
    for chosen in [port] if port else [None, 0]:
        with suppress(TensorBoardServerException), quiet(), redirect_stderr(StringIO()):
            return Board(folder, chosen)
    what, remedy = "another program listens on this port", Remedy.LEAVE_OUT(setting="port")
    raise refusal("port-taken", setting="port", what=what, got=port, remedy=remedy)
