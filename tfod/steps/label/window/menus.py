"""The menus and icons of LabelImg's window: what leads out of a session is hidden."""

from typing import Any

from labelImg import labelImg
from PyQt5 import QtWidgets

NO_OBJECTS_KEY = "n"
# they lead out of the session, or to files that are not the XML of the image
HIDDEN_KEYS = ("Ctrl+O", "Ctrl+U", "Ctrl+R", "Ctrl+Shift+O")


def change_menus(window: Any) -> None:
    """Hide what leads out of the session; add "No objects"; ask before deleting."""
    no_objects = labelImg.new_action(
        window,
        f"No objects ({NO_OBJECTS_KEY})",
        window.no_objects,
        NO_OBJECTS_KEY,
        "done",
        "Nothing in this image: save an XML without boxes and go to the next image",
    )
    hidden = [window.actions.resetAll, window.actions.save_format, window.actions.saveAs]
    for action in window.findChildren(QtWidgets.QAction):
        if action.shortcut().toString() in HIDDEN_KEYS:
            hidden.append(action)
    for action in hidden:
        action.setVisible(False)
    for mode in ("beginner", "advanced"):
        actions = [action for action in getattr(window.actions, mode) if action not in hidden]
        setattr(window.actions, mode, (*actions[:2], no_objects, *actions[2:]))
    window.actions.editMenu = (no_objects, None, *window.actions.editMenu)
    window.populate_mode_actions()
    window.actions.deleteImg.triggered.disconnect()
    window.actions.deleteImg.triggered.connect(window.ask_and_delete)
