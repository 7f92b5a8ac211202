"""Airflow's hook for cluster policies. Airflow finds this file in `plugins/`, unless `config/` has one of that name."""

from __future__ import annotations

from psa_force_sync import task_instance_mutation_hook

__all__ = ["task_instance_mutation_hook"]
