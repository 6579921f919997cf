"""Images and XML files that do not find each other, or find the wrong one."""

from tfod.data.voc import read_voc, write_voc
from tfod.steps.check import names

ALL = (
    names.unlabelled,
    names.unchecked_suggestions,
    names.orphans,
    names.name_mismatch,
    names.unseen_xml,
    names.clashing_names,
)


def details(finding):
    return {place.path.name: place.detail for place in finding.places}


def test_good_names_are_not_reported(put, say):
    put("a.jpg")
    put("фото 1.jpg")
    put("IMG_2.JPG", named="img_2.jpg")
    put("converted.png", named="converted.bmp")
    assert say(*ALL) == {}


def test_images_without_xml(put, say):
    put("a.jpg")
    put("b.jpg", None)
    found = say(*ALL)
    assert [*found] == ["xml-missing"] and found["xml-missing"].severity == "warning"
    assert [*details(found["xml-missing"])] == ["b.jpg"]


def test_nothing_labelled_at_all(put, say):
    put("a.jpg", None)
    put("b.jpg", None)
    found = say(*ALL)
    assert [*found] == ["nothing-labelled"] and found["nothing-labelled"].severity == "error"


def test_xml_kept_in_a_folder_of_its_own(put, say, session):
    put("a.jpg")
    put("b.jpg", None)
    annotations = session.parent / "Annotations"
    annotations.mkdir()
    (session / "a.xml").rename(annotations / "a.xml")
    found = say(*ALL)
    assert set(found) == {"nothing-labelled", "xml-orphan"}
    assert details(found["xml-orphan"]) == {"a.xml": f"its image is {session / 'a.jpg'}"}


def test_xml_without_image(put, say, session):
    put("cam_0001.jpg")
    put("cam_0002.jpg", None)
    put("far.jpg", None, folder=session.parent / "s2")
    text = (session / "cam_0001.xml").read_text()
    for stem in ("cam_002", "far", "lonely"):
        (session / f"{stem}.xml").write_text(text.replace("cam_0001.jpg", f"{stem}.jpg"))
    found = details(say(*ALL)["xml-orphan"])
    assert found == {
        "cam_002.xml": "did you mean cam_0002.jpg?",
        "far.xml": f"its image is {session.parent / 's2' / 'far.jpg'}",
        "lonely.xml": "no image has this name",
    }


def test_two_xml_for_one_image(put, say, session):
    put("a.jpg")
    (session / "b.xml").write_text((session / "a.xml").read_text())
    assert [*say(*ALL)] == ["xml-orphan"]


def test_an_xml_that_names_another_image(put, say):
    put("a.jpg", named="b.jpg")
    put("b.jpg")
    put("c.jpg", named="photo_17.jpg")
    found = say(*ALL)
    assert found["name-of-other-image"].severity == "warning"
    assert details(found["name-of-other-image"]) == {"a.xml": "names b.jpg, which exists too"}
    assert found["name-mismatch"].severity == "info"
    assert details(found["name-mismatch"]) == {"c.xml": "names photo_17.jpg"}


def test_an_xml_that_labelimg_does_not_see(put, say, session):
    put("a.jpg")
    put("B.jpg")
    (session / "a.xml").rename(session / "a (1).xml")
    (session / "B.xml").rename(session / "b.xml")
    found = say(*ALL)
    assert [*found] == ["xml-named-otherwise"]
    assert details(found["xml-named-otherwise"]) == {
        "a (1).xml": "belongs to a.jpg",
        "b.xml": "belongs to B.jpg",
    }


def test_names_that_clash(put, say):
    put("a.jpg")
    put("A.jpg")
    put("b.jpg")
    put("b.png", None)
    found = say(names.clashing_names)
    assert details(found["name-of-two-images"]) == {"a.jpg": "and A.jpg", "b.png": "and b.jpg"}


def test_suggestions_nobody_has_looked_at(put, say, session):
    put("a.jpg")
    example = read_voc(session / "a.xml")
    example.suggested_by = "masks"
    write_voc(session / "a.xml", example)
    put("b.jpg")
    found = say(*ALL)
    assert details(found["suggestion-unchecked"]) == {"a.xml": "by masks"}
