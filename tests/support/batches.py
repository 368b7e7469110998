"""What can be done with batches, over any of the issuer's memories."""

from issuer.entry.batches_api import Batches
from issuer.ports import BatchRecords
from issuer.use_cases.change_row import ChangeRow
from issuer.use_cases.check_batch import CheckBatch
from issuer.use_cases.decide_batch import DecideBatch
from issuer.use_cases.discard_batch import DiscardBatch
from issuer.use_cases.find_duplicates import FindDuplicates
from issuer.use_cases.import_batch import ImportBatch
from issuer.use_cases.look_up_batch import LookUpBatch
from issuer.use_cases.prepare_batch import PrepareBatch
from shared.ports.clock import Clock
from tests.support.issuer import SECRET, new_id


def batches_over(records: BatchRecords, clock: Clock) -> tuple[Batches, PrepareBatch]:
    """As `main` wires it, and what its loop calls."""
    find = FindDuplicates(records)
    batches = Batches(
        import_batch=ImportBatch(records, new_id, clock, SECRET),
        check=CheckBatch(records, find, new_id, clock),
        look_up=LookUpBatch(records),
        change_row=ChangeRow(records, find, clock),
        decide=DecideBatch(records, find, clock),
        discard=DiscardBatch(records, clock),
    )
    return batches, PrepareBatch(records, find, new_id, clock, SECRET)
