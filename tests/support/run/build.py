# SPDX-License-Identifier: GPL-3.0-or-later
"""Configure and build one preset; quiet unless it fails."""
import os
import subprocess
import sys

from report import Report


def preset(report: Report, name: str) -> bool:
    began = report.begin(f"build ({name} preset)")
    configured = subprocess.run(["cmake", "--preset", name, "-DROSTRUM_TESTS=ON"], capture_output=True, text=True)
    if configured.returncode != 0:
        report.wrong("configure", began, "cmake could not configure", configured.stdout + configured.stderr)
        return False
    # A terminal shows ninja's own moving line; a log file gets the errors alone.
    quiet = [] if sys.stdout.isatty() else ["--", "--quiet"]
    # Paths relative to the checkout: a second clone finds what the first one compiled. Without the cache of inodes: ccache 4.7 took a header
    # that had changed twice within a moment for the one before.
    environment = dict(os.environ, NINJA_STATUS="   [%f/%t] ", CCACHE_BASEDIR=os.getcwd(), CCACHE_NOHASHDIR="1", CCACHE_NOINODECACHE="1")
    built = subprocess.run(["cmake", "--build", "--preset", name, *quiet], env=environment)
    if built.returncode != 0:
        report.wrong("build", began, "the compiler's words stand above")
        return False
    report.ok("build", began)
    return True
