"""Writes test/golden/augment/golden.json: what Albumentations 1.3.1 and OpenCV make of one small picture.

python3 -m venv VENV
VENV/bin/pip install albumentations==1.3.1 'numpy<2' opencv-python-headless==4.9.0.80
VENV/bin/python bench/peers/augment_golden.py [OUT]

The picture is 40x32 (wider than high, so that swapped axes show), its left part noise and its right part smooth.
Pixels are base64 of row-major HxWxC bytes.
"""

import base64
import json
import pathlib
import sys

import albumentations
import albumentations.augmentations.functional as F
import albumentations.augmentations.geometric.functional as G
import cv2
import numpy as np

WIDTH, HEIGHT = 40, 32
cv2.setNumThreads(1)


def picture():
    random = np.random.RandomState(3)
    noise = random.randint(0, 256, (HEIGHT, WIDTH, 3))
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    smooth = np.stack([6 * x, 7 * y, 3 * x + 4 * y], axis=2)
    image = np.where((x < WIDTH // 2)[:, :, None], noise, smooth).clip(0, 255).astype(np.uint8)
    mask = ((x // 5 + y // 4) % 7).astype(np.uint8)
    return image, mask


def encoded(array):
    height, width = array.shape[:2]
    channels = 1 if array.ndim == 2 else array.shape[2]
    pixels = base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()
    return {"width": width, "height": height, "channels": channels, "pixels": pixels}


def shift_scale_rotate(image, mask, angle, scale, dx, dy):
    arguments = dict(angle=angle, scale=scale, dx=dx, dy=dy, border_mode=cv2.BORDER_REFLECT)
    return {
        "parameters": {"angle": angle, "scale": scale, "dx": dx, "dy": dy},
        "image": encoded(G.shift_scale_rotate(image, interpolation=cv2.INTER_LINEAR, **arguments)),
        "mask": encoded(G.shift_scale_rotate(mask, interpolation=cv2.INTER_NEAREST, **arguments)),
    }


def optical_distortion(image, mask, k):
    return {
        "k": k,
        "image": encoded(G.optical_distortion(image, k, 0, 0, cv2.INTER_LINEAR)),
        "mask": encoded(G.optical_distortion(mask, k, 0, 0, cv2.INTER_NEAREST)),
    }


def grid_distortion(image, mask, x_steps, y_steps):
    steps = len(x_steps) - 1
    return {
        "x_steps": x_steps,
        "y_steps": y_steps,
        "image": encoded(G.grid_distortion(image, steps, x_steps, y_steps, cv2.INTER_LINEAR)),
        "mask": encoded(G.grid_distortion(mask, steps, x_steps, y_steps, cv2.INTER_NEAREST)),
    }


def matrices():
    def one(width, height, angle, scale, dx, dy):
        matrix = cv2.getRotationMatrix2D((width / 2 - 0.5, height / 2 - 0.5), angle, scale)
        matrix[0, 2] += dx * width
        matrix[1, 2] += dy * height
        parameters = {"angle": angle, "scale": scale, "dx": dx, "dy": dy}
        return {"width": width, "height": height, "parameters": parameters, "matrix": matrix.ravel().tolist()}

    return [one(512, 512, 20, 1.1, 0.05, -0.03), one(640, 480, -35, 0.8, -0.0625, 0.0625)]


def optical_maps():
    def one(width, height, k, points):
        camera = np.array([[width, 0, width * 0.5], [0, height, height * 0.5], [0, 0, 1]], np.float32)
        distortion = np.array([k, k, 0, 0, 0], np.float32)
        xs, ys = cv2.initUndistortRectifyMap(camera, distortion, None, None, (width, height), cv2.CV_32FC1)
        return {
            "width": width,
            "height": height,
            "k": k,
            "points": [{"u": u, "v": v, "x": float(xs[v, u]), "y": float(ys[v, u])} for u, v in points],
        }

    points = [(0, 0), (128, 64), (511, 0), (255, 256), (500, 471)]
    return [one(512, 512, 0.05, points), one(640, 480, -0.04, points)]


def grid_coordinates(length, steps):
    """The x coordinates that grid_distortion hands to cv2.remap, caught there."""
    caught = {}

    def catch(_, map1, **rest):
        caught["x"] = map1[0].tolist()
        return rest and np.zeros((length, length), np.uint8)

    remap = cv2.remap
    cv2.remap = catch
    try:
        G.grid_distortion(np.zeros((length, length), np.uint8), len(steps) - 1, steps, steps)
    finally:
        cv2.remap = remap
    return {"length": length, "steps": steps, "coordinates": caught["x"]}


def main(out):
    image, mask = picture()
    steps = [1.2, 0.9, 1.1, 0.7, 1.3, 1.0]
    golden = {
        "made_with": {
            "albumentations": albumentations.__version__,
            "opencv": cv2.__version__,
            "numpy": np.__version__,
        },
        "image": encoded(image),
        "mask": encoded(mask),
        "matrices": matrices(),
        "optical_maps": optical_maps(),
        "grid_coordinates": [
            grid_coordinates(512, steps),
            grid_coordinates(130, [0.7, 1.3, 1.0, 0.8, 1.1]),
        ],
        "shift_scale_rotate": [
            shift_scale_rotate(image, mask, 20, 1.1, 0.05, -0.03),
            shift_scale_rotate(image, mask, -33.3, 0.81, -0.06, 0.062),
            shift_scale_rotate(image, mask, 0, 1, 0, 0),
            shift_scale_rotate(image, mask, 90, 1, 0, 0),
        ],
        "optical_distortion": [optical_distortion(image, mask, k) for k in (0.05, -0.0321, 0.3)],
        "grid_distortion": [
            grid_distortion(image, mask, steps, list(reversed(steps))),
            grid_distortion(image, mask, [0.7, 1.3, 1.25, 0.75, 0.9], [1.1, 1.2, 0.8, 0.9, 1.3]),
        ],
        "gaussian_blur": [
            {"size": size, "image": encoded(F.cv2.GaussianBlur(image, (size, size), sigmaX=0))} for size in (3, 5, 7)
        ],
        "jpeg_compression": [
            {"quality": quality, "image": encoded(F.image_compression(image, quality, ".jpg"))}
            for quality in (50, 77, 90, 100)
        ],
        "brightness_contrast": [
            {"alpha": alpha, "beta": beta, "image": encoded(F.brightness_contrast_adjust(image, alpha, beta, True))}
            for alpha, beta in ((1.05, 0.033), (0.931, -0.099), (1.07, 0.1), (1.0213, -0.0001))
        ],
        "horizontal_flip": {"image": encoded(F.cv2.flip(image, 1)), "mask": encoded(F.cv2.flip(mask, 1))},
        "vertical_flip": {"image": encoded(F.cv2.flip(image, 0)), "mask": encoded(F.cv2.flip(mask, 0))},
        "resize": [
            {
                "linear": encoded(cv2.resize(image, size, interpolation=cv2.INTER_LINEAR)),
                "nearest": encoded(cv2.resize(mask, size, interpolation=cv2.INTER_NEAREST_EXACT)),
            }
            for size in ((23, 17), (64, 50), (20, 16), (40, 31), (80, 64), (7, 32), (1, 1))
        ],
    }
    pathlib.Path(out).write_text(json.dumps(golden, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "test/golden/augment/golden.json")
