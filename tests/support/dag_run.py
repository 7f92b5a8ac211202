"""One run of a DAG in a real Airflow, in a process of its own: `python -m tests.support.dag_run DAG_ID [CONF]`.

`dag.test()` runs every task through Airflow's own task runner, with its log masking, against the metadata
database of AIRFLOW_HOME. Connections and Variables come from the environment. Prints the states last.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path


def main() -> None:
    from airflow.dag_processing.dagbag import DagBag
    from airflow.utils.db import initdb

    initdb()
    bag = DagBag(Path(__file__).parent.parent.parent / "dags")
    assert not bag.import_errors, bag.import_errors
    dag = bag.dags[sys.argv[1]]
    run = dag.test(run_conf=json.loads(sys.argv[2]) if len(sys.argv) > 2 else None)
    print("the tasks ended", json.dumps({instance.task_id: instance.state for instance in run.get_task_instances()}))
    print(f"the run ended {run.state}")


if __name__ == "__main__":
    main()
