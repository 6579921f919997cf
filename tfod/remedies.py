"""What a user can do about a problem: a closed list of actions, in words for Python and the web.

A `Remedy` is an action, an `Advice` is the action with its arguments. The words name parameters
(`min_score`), functions and buttons; the words of the terminal, which name flags and commands, are
in `tfod/cli/problems.py`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from tfod.plain import plain


class Remedy(StrEnum):
    """The kinds of action. Call one to give it arguments: `Remedy.USE(value=640)`."""

    # files and folders
    CHECK_PATH = "check-path"
    CHOOSE_FOLDER = "choose-folder"
    MOVE_AWAY = "move-away"
    MOVE_TO = "move-to"  # folder
    RENAME = "rename"
    RENAME_TO = "rename-to"  # name
    REPLACE_FILE = "replace-file"
    COPY_AGAIN = "copy-again"
    CHANGE_PERMISSIONS = "change-permissions"
    FREE_SPACE = "free-space"
    SAVE_AS_UTF8 = "save-as-utf8"
    CONVERT_TO_JPEG = "convert-to-jpeg"
    OVERWRITE = "overwrite"  # setting: the parameter that allows it
    # settings of a step, fields of a config
    USE = "use"  # value, or values: one of them
    SET = "set"  # setting, value
    SET_ONE = "set-one"  # setting, values: one of them
    LEAVE_OUT = "leave-out"  # setting
    CHOOSE_ONE = "choose-one"  # settings: give only one of them
    DID_YOU_MEAN = "did-you-mean"  # name
    EDIT_LINE = "edit-line"
    # data
    RUN = "run"  # step, and its parameters
    DRAW_AGAIN = "draw-again"
    FIX = "fix"  # folder, when it is not that of the workspace: the repair of check has one answer
    LOOK_AT = "look-at"  # folder, as for FIX: the pictures of the report show what is meant
    DELETE = "delete"
    WRITE_PIXELS = "write-pixels"
    ADD_CLASS = "add-class"
    MAKE_LABEL_MAP = "make-label-map"
    KEEP_NUMBERS = "keep-numbers"  # label_map: of the data, weights: that of the weights
    RENAME_CLASS = "rename-class"  # old: name in the weights, new: name in the data
    CORRECT_ORIGINAL = "correct-original"
    CHANGE_ORIGINAL = "change-original"  # original
    # training
    FREE_MEMORY = "free-memory"
    LOWER_LEARNING_RATE = "lower-learning-rate"
    CHECK_IMAGES_OR_RATE = "check-images-or-rate"
    # cameras
    CHECK_CAMERA = "check-camera"
    CHECK_CONNECTION = "check-connection"
    CHECK_LOGIN = "check-login"
    USE_VIDEO_ADDRESS = "use-video-address"
    JOIN_GROUP = "join-group"  # group: of users of this system
    # software
    INSTALL = "install"  # package
    INSTALL_LIBRARY = "install-library"  # packages: of Debian
    REINSTALL = "reinstall"  # old: the package to remove, new: the one to install again
    TRY_AGAIN = "try-again"
    WAIT = "wait"
    DOWNLOAD_BY_HAND = "download-by-hand"  # address, folder

    def __call__(self, **arguments: Any) -> "Advice":
        """This action with arguments."""
        return Advice(self, arguments)


@dataclass(frozen=True)
class Advice:
    """An action and what it is done with."""

    action: Remedy
    arguments: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """The action and its arguments as JSON can hold them."""
        return {"action": str(self.action), **{k: plain(v) for k, v in self.arguments.items()}}


def listed(value: Any, last: str = "or") -> str:
    """Write values as a person would: "320", "320 or 640", "a, b or c"."""
    values = [str(item) for item in value] if isinstance(value, (list, tuple)) else [str(value)]
    return f" {last} ".join(filter(None, [", ".join(values[:-1]), values[-1]])) if values else ""


def in_python(advice: Advice) -> str:
    """Say an advice to somebody who calls tfod from Python."""
    return _render(advice, PYTHON, _call)


def on_the_web(advice: Advice) -> str:
    """Say an advice to somebody who looks at a web page."""
    return _render(advice, WEB, _button)


def _render(advice: Advice, words: Mapping[Remedy, str], run: Callable[..., str]) -> str:
    arguments = dict(advice.arguments)
    if advice.action is Remedy.RUN:
        arguments["call"] = run(**arguments)
    elif advice.action is Remedy.SET and isinstance(arguments["value"], (list, tuple)):
        arguments["value"] = repr(list(arguments["value"]))
    spoken = {name: listed(value) for name, value in arguments.items()}
    return words[advice.action].format_map(spoken)


def _call(step: str, **given: Any) -> str:
    function = {"config": "new_config", "import": "import_data"}.get(step, step)
    return f"tfod.{function}({', '.join(f'{name}={value!r}' for name, value in given.items())})"


def _button(step: str, **given: Any) -> str:
    return step.capitalize()


PYTHON = {
    Remedy.CHECK_PATH: "Check the path.",
    Remedy.CHOOSE_FOLDER: "Choose another folder.",
    Remedy.MOVE_AWAY: "Move it elsewhere.",
    Remedy.MOVE_TO: "Move it to {folder}.",
    Remedy.RENAME: "Rename it.",
    Remedy.RENAME_TO: "Rename it to {name}.",
    Remedy.REPLACE_FILE: "Replace the file or delete it.",
    Remedy.COPY_AGAIN: "Copy the file again.",
    Remedy.CHANGE_PERMISSIONS: "Change its permissions or choose another folder.",
    Remedy.FREE_SPACE: "Free some space and try again.",
    Remedy.SAVE_AS_UTF8: "Save it as UTF-8 text.",
    Remedy.CONVERT_TO_JPEG: "Convert the photos to JPEG.",
    Remedy.OVERWRITE: "Choose another name, or pass {setting}=True to replace it.",
    Remedy.USE: "Use {value}.",
    Remedy.SET: "Pass {setting}={value}.",
    Remedy.SET_ONE: "Pass {setting}={values}.",
    Remedy.LEAVE_OUT: "Leave out {setting}.",
    Remedy.CHOOSE_ONE: "Pass only one of {settings}.",
    Remedy.DID_YOU_MEAN: "Did you mean {name}?",
    Remedy.EDIT_LINE: "Correct the line, or remove it.",
    Remedy.RUN: "Call {call}.",
    Remedy.DRAW_AGAIN: "Draw the box again.",
    Remedy.FIX: "Call tfod.check(fix=True), which repairs it and keeps a backup.",
    Remedy.LOOK_AT: "Look at the images: some may be fine as they are.",
    Remedy.DELETE: "Delete it.",
    Remedy.WRITE_PIXELS: "Export the XML again in pixels from the tool that made it.",
    Remedy.ADD_CLASS: "Correct the name where it is used, or add the class to the label map.",
    Remedy.MAKE_LABEL_MAP: "Delete it and make the records: that writes one with the classes of "
    "your annotations. Or copy the label map of the data here.",
    Remedy.KEEP_NUMBERS: "Give each class in {label_map} its number from {weights} and make the "
    "records again, or train a new model.",
    Remedy.RENAME_CLASS: "If only the name has changed, pass it in rename as {old!r}: {new!r}; "
    "otherwise train a new model.",
    Remedy.CORRECT_ORIGINAL: "Correct it in the session it was copied from, then split again.",
    Remedy.CHANGE_ORIGINAL: "Make the same change in {original}, or delete the copy.",
    Remedy.FREE_MEMORY: "Close other programs, or set a smaller image size in the config.",
    Remedy.LOWER_LEARNING_RATE: "Lower the learning rate in pipeline.config and train again.",
    Remedy.CHECK_IMAGES_OR_RATE: "Check these images and their boxes; if they are fine, lower the "
    "learning rate in pipeline.config and train again.",
    Remedy.CHECK_CAMERA: "Plug it in, close the program that uses it, or choose another camera; "
    '"synthetic" needs none.',
    Remedy.CHECK_CONNECTION: "Check the cable, the network, the address and the login.",
    Remedy.CHECK_LOGIN: "Check the user name and the password in the address "
    "(http://USER:PASSWORD@...). Inside them write %23 for #, %40 for @, %3A for :, %2F for /, %3F "
    "for ? and %25 for %.",
    Remedy.USE_VIDEO_ADDRESS: "Use the address of the video itself; the manual of the camera or "
    "app names it.",
    Remedy.JOIN_GROUP: "Join its group (`sudo usermod -aG {group} $USER`), then log in again.",
    Remedy.INSTALL: "Install {package} with pip.",
    Remedy.INSTALL_LIBRARY: "Install the system packages {packages}.",
    Remedy.REINSTALL: "Uninstall {old} with pip, then reinstall {new}.",
    Remedy.TRY_AGAIN: "Try again.",
    Remedy.WAIT: "Wait until it has finished.",
    Remedy.DOWNLOAD_BY_HAND: "Download {address} with a browser or on another computer, put it "
    "into {folder}, and try again.",
}

WEB = {
    **PYTHON,
    Remedy.OVERWRITE: "Choose another name, or allow replacing it.",
    Remedy.SET: "Set {setting} to {value}.",
    Remedy.SET_ONE: "Choose {values} as {setting}.",
    Remedy.CHOOSE_ONE: "Choose only one of {settings}.",
    Remedy.RUN: 'Start "{call}" first.',
    Remedy.RENAME_CLASS: "If only the name has changed, say that {old} is now {new}; otherwise "
    "train a new model.",
    Remedy.FIX: "Start the repair, which keeps a backup.",
    Remedy.JOIN_GROUP: "Ask whoever runs this server to join the group {group}.",
    Remedy.INSTALL: "Ask whoever runs this server to install {package}.",
    Remedy.INSTALL_LIBRARY: "Ask whoever runs this server to install {packages}.",
    Remedy.REINSTALL: "Ask whoever runs this server to uninstall {old} and reinstall {new}.",
}
