"""All jobs, collected from the rooms."""

from collections.abc import Mapping

from wihy.core.jobs import Job

JOBS: Mapping[str, Job] = {}
