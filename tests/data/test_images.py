"""Images of every kind, made with Pillow, and files that are none."""

import numpy as np
import pytest
from PIL import Image
from refusals import raises_problem

from tfod.data.image_open import ORIENTATION_TAG, Header, read_bytes, read_header
from tfod.data.images import check_image, encode_upright, read_image, small_grey, write_image


def read_small_grey(path):
    return small_grey(read_bytes(path), path)[1]


def gradient(height=40, width=60):
    """uint8 [H, W, 3], smooth, and different along both sides and in each channel."""
    y, x = np.mgrid[:height, :width]
    return np.stack([4 * x, 6 * y, 255 - 2 * (x + y)], axis=-1).astype(np.uint8)


def save(path, array, **options):
    Image.fromarray(array).save(path, **options)
    return path


def with_orientation(path, number):
    exif = Image.Exif()
    exif[ORIENTATION_TAG] = number
    return save(path, gradient(), exif=exif)


def test_png_is_read_exactly(tmp_path):
    path = save(tmp_path / "a.png", gradient())
    assert np.array_equal(read_image(path), gradient())
    assert read_header(path) == Header(40, 60, "PNG", 1, True)


def test_format_comes_from_the_content(tmp_path):
    path = save(tmp_path / "a.jpg", gradient(), format="PNG")
    assert read_header(path).format == "PNG"
    assert read_header(path).plain


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "tif"])
@pytest.mark.parametrize("number", range(1, 9))
def test_orientation_is_applied(tmp_path, suffix, number):
    path = with_orientation(tmp_path / f"a.{suffix}", number)
    stored = gradient()
    upright = {
        1: stored,
        2: stored[:, ::-1],
        3: stored[::-1, ::-1],
        4: stored[::-1],
        5: stored.swapaxes(0, 1),
        6: stored.swapaxes(0, 1)[:, ::-1],
        7: stored.swapaxes(0, 1)[::-1, ::-1],
        8: stored.swapaxes(0, 1)[::-1],
    }[number]
    found = read_image(path)
    header = read_header(path)
    assert found.shape == upright.shape == (header.height_px, header.width_px, 3)
    assert np.abs(found.astype(int) - upright).mean() < 6  # JPEG and WebP are not exact
    assert header.orientation == number
    assert header.plain == (number == 1 and suffix in ("jpg", "png"))


def test_orientation_behind_the_pixels_of_a_png_is_found(tmp_path):
    path = with_orientation(tmp_path / "a.png", 6)
    data = path.read_bytes()
    start = data.index(b"eXIf") - 4
    length = 12 + int.from_bytes(data[start : start + 4], "big")
    chunk, rest = data[start : start + length], data[:start] + data[start + length :]
    path.write_bytes(rest[:-12] + chunk + rest[-12:])
    assert read_header(path) == Header(60, 40, "PNG", 6, False)


def test_a_strange_orientation_is_upright(tmp_path):
    assert read_header(with_orientation(tmp_path / "a.jpg", 77)).orientation == 1


def test_grey_is_repeated(tmp_path):
    grey = gradient()[..., 0]
    path = save(tmp_path / "a.png", grey)
    assert np.array_equal(read_image(path), np.repeat(grey[..., None], 3, axis=-1))
    assert read_header(path).plain


def test_16_bits_are_scaled(tmp_path):
    values = np.array([[0, 256, 257, 32768, 65535]], np.uint16)
    path = save(tmp_path / "a.png", values)
    assert read_image(path)[0, :, 0].tolist() == [0, 1, 1, 128, 255]
    assert not check_image(path).plain


def test_16_bit_colour_is_not_plain(tmp_path):
    import cv2

    path = tmp_path / "a.png"
    cv2.imwrite(str(path), gradient()[..., ::-1].astype(np.uint16) * 257)
    assert not check_image(path).plain
    assert np.array_equal(read_image(path), gradient())


def test_transparency_is_laid_on_white(tmp_path):
    rgba = np.zeros((4, 4, 4), np.uint8)
    rgba[:, 2:] = [10, 20, 30, 255]
    path = save(tmp_path / "a.png", rgba)
    assert read_image(path)[0].tolist() == [[255] * 3] * 2 + [[10, 20, 30]] * 2
    assert not check_image(path).plain

    half = Image.fromarray(np.array([[[0, 128]]], np.uint8), "LA")
    half.save(tmp_path / "b.png")
    assert read_image(tmp_path / "b.png")[0, 0].tolist() == [127] * 3


def test_palette_with_a_transparent_colour(tmp_path):
    image = Image.fromarray(np.array([[0, 1]], np.uint8), "P")
    image.putpalette([9, 9, 9, 200, 100, 50])
    image.save(tmp_path / "a.png", transparency=0)
    assert read_image(tmp_path / "a.png")[0].tolist() == [[255] * 3, [200, 100, 50]]
    image.save(tmp_path / "b.png")
    assert read_image(tmp_path / "b.png")[0].tolist() == [[9, 9, 9], [200, 100, 50]]
    assert check_image(tmp_path / "b.png").plain


def test_cmyk(tmp_path):
    Image.new("CMYK", (8, 8), (0, 255, 255, 0)).save(tmp_path / "a.jpg", quality=95)
    red = read_image(tmp_path / "a.jpg")[4, 4].astype(int)
    assert np.abs(red - [255, 0, 0]).max() < 8
    assert not check_image(tmp_path / "a.jpg").plain


@pytest.mark.parametrize("suffix", ["gif", "bmp", "webp", "tif"])
def test_other_formats_are_read_but_not_plain(tmp_path, suffix):
    path = save(tmp_path / f"a.{suffix}", np.full((5, 7, 3), 200, np.uint8))
    assert np.abs(read_image(path).astype(int) - 200).max() <= 2
    assert not check_image(path).plain


@pytest.mark.parametrize("suffix", ["jpg", "png", "gif", "bmp", "webp", "tif"])
@pytest.mark.parametrize("kept", [0.9, 0.5])
def test_cut_off(tmp_path, suffix, kept):
    noise = np.random.default_rng(0).integers(0, 255, (60, 60, 3), np.uint8)
    data = save(tmp_path / f"a.{suffix}", noise).read_bytes()
    path = tmp_path / f"b.{suffix}"
    path.write_bytes(data[: int(len(data) * kept)])
    for read in (check_image, read_image):
        with raises_problem("image-unreadable", where=path, what="cut off or damaged"):
            read(path)


def test_cut_off_behind_a_thumbnail_that_has_an_end_marker(tmp_path):
    exif = Image.Exif()
    thumbnail = save(tmp_path / "t.jpg", gradient(8, 8)).read_bytes()
    exif[0x9286] = thumbnail  # user comment
    noise = np.random.default_rng(0).integers(0, 255, (60, 60, 3), np.uint8)
    path = save(tmp_path / "a.jpg", noise, exif=exif)
    data = path.read_bytes()
    assert data.count(b"\xff\xd9") == 2
    assert check_image(path).plain
    path.write_bytes(data[:-400])
    with raises_problem("image-unreadable", what="cut off"):
        check_image(path)
    with raises_problem("image-unreadable", what="cut off"):
        check_image(path, path.read_bytes())


def test_data_behind_the_end_is_fine(tmp_path):
    path = save(tmp_path / "a.jpg", gradient())
    path.write_bytes(path.read_bytes() + b"SEFT" + bytes(5000))
    assert check_image(path).plain


@pytest.mark.parametrize(
    "data, what",
    [
        (b"", "the file is empty"),
        (b"This is a text, not a photo.", "begins with b'This is a text,"),
        (b"\xff\xd8\xff", ""),
    ],
)
def test_no_image(tmp_path, data, what):
    path = tmp_path / "a.jpg"
    path.write_bytes(data)
    for read in (read_header, check_image, read_image, read_small_grey, encode_upright):
        with raises_problem("image-unreadable", where=path, what=what):
            read(path)


def test_missing_file_and_folder(tmp_path):
    for read in (read_header, read_image, read_small_grey):
        with raises_problem("not-found", where=tmp_path / "a.jpg"):
            read(tmp_path / "a.jpg")
        with raises_problem("not-readable", where=tmp_path):
            read(tmp_path)


def test_floating_point_is_refused(tmp_path):
    path = save(tmp_path / "a.tif", np.zeros((4, 4), np.float32))
    with raises_problem("image-unreadable", what="unsupported pixel format (mode F)"):
        check_image(path)


def test_a_bomb_is_refused_from_its_header(tmp_path):
    path = tmp_path / "a.png"
    Image.new("1", (20000, 20000)).save(path)
    with raises_problem("image-unreadable", what="too large (400000000 pixels"):
        read_header(path)


def test_real_photos(shared):
    path = shared / "datasets/mask/test/Mask_6.jpg"
    assert check_image(path) == Header(1080, 1920, "JPEG", 1, True)
    assert read_image(path).shape == (1080, 1920, 3)


@pytest.mark.parametrize("suffix", [".png", ".JPG"])
def test_what_was_written_is_read_again(tmp_path, suffix):
    image = np.zeros((32, 32, 3), np.uint8)
    image[:, :16] = (200, 100, 50)
    write_image(tmp_path / f"маска{suffix}", image)
    read = read_image(tmp_path / f"маска{suffix}")
    assert np.abs(read.astype(int) - image).mean() <= (0 if suffix == ".png" else 2)


def test_image_too_wide_for_jpeg(tmp_path):
    with raises_problem("image-too-large-for-jpeg", got="70000x1"):
        write_image(tmp_path / "a.jpg", np.zeros((1, 70_000, 3), np.uint8))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("suffix", [".jpg", ".png"])
def test_an_image_cut_off_by_a_full_disk_is_not_written(tmp_path, suffix):
    resource = pytest.importorskip("resource", reason="limits of this kind are for Unix")
    noise = np.random.default_rng(0).integers(0, 256, (90, 240, 3), np.uint8)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2048, before[1]))
    try:
        with raises_problem("disk-full"):
            write_image(tmp_path / f"a{suffix}", noise)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not list(tmp_path.iterdir())


# --- made small


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_small_image_is_upright(tmp_path, suffix, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = save(tmp_path / f"a.{suffix}", gradient(520, 1040), exif=exif, quality=95)
    small = read_small_grey(path)
    whole = np.asarray(Image.fromarray(read_image(path)).convert("L").reduce(8)).astype(int)
    assert small.shape == whole.shape == ((65, 130) if orientation < 5 else (130, 65))
    assert small.dtype == np.uint8 and np.abs(small - whole).mean() < 2


@pytest.mark.parametrize(
    ("size", "small"),
    [
        ((1080, 1920), (135, 240)),
        ((200, 300), (67, 100)),
        ((100, 300), (100, 300)),
        ((1, 1), (1, 1)),
    ],
)
@pytest.mark.parametrize("suffix", ["jpg", "png"])
def test_how_small(tmp_path, size, small, suffix):
    found = read_small_grey(save(tmp_path / f"a.{suffix}", gradient(*size))).shape
    # a JPEG is made smaller by eighths, a PNG by whole numbers
    assert all(abs(a - b) <= b // 8 + 1 for a, b in zip(found, small, strict=True))
    assert min(found) >= min(64, *size)


def test_a_small_image_of_any_kind(tmp_path):
    Image.new("CMYK", (200, 100), (0, 0, 0, 255)).save(tmp_path / "a.jpg")
    assert read_small_grey(tmp_path / "a.jpg").max() < 8
    sixteen = np.full((100, 200), 65535, np.uint16)
    assert read_small_grey(save(tmp_path / "b.png", sixteen)).min() == 255
    assert read_small_grey(save(tmp_path / "c.tif", gradient(100, 200))).shape == (100, 200)


def test_damage_that_only_the_pixels_show(tmp_path):
    noise = np.random.default_rng(0).integers(0, 255, (160, 160, 3), np.uint8)
    path = save(tmp_path / "a.jpg", noise)
    data = path.read_bytes()
    read_small_grey(path)
    path.write_bytes(data[:5000] + bytes(60) + data[5060:])
    assert check_image(path, decode=False).plain
    with raises_problem("image-unreadable", where=path, what="cut off or damaged"):
        check_image(path)
    with raises_problem("image-unreadable", where=path, what="cut off or damaged"):
        read_small_grey(path)


def test_padding_at_the_end_of_a_jpeg_is_no_damage(tmp_path):
    path = save(tmp_path / "a.jpg", gradient(80, 80))
    whole, small = path.read_bytes(), read_small_grey(path)
    path.write_bytes(whole[:-2] + bytes(9) + whole[-2:])
    assert np.array_equal(read_small_grey(path), small)
    path.write_bytes(whole[:-2] + b"ninebytes" + whole[-2:])
    assert np.array_equal(read_small_grey(path), small)
    path.write_bytes(whole[:-2] + b"pixels that are out of step" + whole[-2:])
    with raises_problem("image-unreadable", what="extraneous bytes"):
        read_small_grey(path)
