"""Contract tests that a plug-in author inherits; nothing here needs data, and nothing imports pytest.

A tool author writes::

    from genopraxis.testing import PhenotypeToolContract

    class TestMyTool(PhenotypeToolContract):
        tool = MyTool()

and runs pytest. :class:`ToolContract` is the part of it that holds for the tools of every task.
:func:`check_task` and :func:`check_dataset` do the same for tasks and datasets, :class:`TableContractChecks` for a
table contract.
"""

from genopraxis.testing.datasets import check_dataset, dataset_problems
from genopraxis.testing.knowledge import materialised, small_knowledge
from genopraxis.testing.phenotype_tools import PhenotypeToolContract
from genopraxis.testing.tables import TableContractChecks
from genopraxis.testing.tasks import check_task, task_problems
from genopraxis.testing.tools import ToolContract

__all__ = [
    "PhenotypeToolContract",
    "TableContractChecks",
    "ToolContract",
    "check_dataset",
    "check_task",
    "dataset_problems",
    "materialised",
    "small_knowledge",
    "task_problems",
]
