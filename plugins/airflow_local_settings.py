"""Airflow's hook for cluster policies; it finds this file in `plugins/` unless `config/` has one of the same name."""

from __future__ import annotations

from psa_force_sync import task_instance_mutation_hook

__all__ = ["task_instance_mutation_hook"]
