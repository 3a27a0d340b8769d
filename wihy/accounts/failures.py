"""Failed sign-ins in the audit log: as sums, since strangers can fail as often as they like.

A job writes them, not the sign-in that fails: the time of its answer must not tell whether there is such an account.
"""

from collections import Counter, defaultdict
from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import func, select, update

from wihy.accounts.lockout import FAILURES_OF_ACCOUNT, FAILURES_OF_ACCOUNT_AND_ADDRESS
from wihy.accounts.models import SignInFailure
from wihy.audit.service import STRANGER, record
from wihy.core import clock
from wihy.core.database import db, transaction

DECIDED_AFTER = timedelta(minutes=1)  # until then an attempt may still succeed
MOST_NAMED = 20  # accounts in a minute
ACTION = "SIGN_IN_FAILED"
NOBODY = "sign-in"


def tell_failures() -> None:
    """Write down the failures that are not told yet: an entry for each account, one for all that are nobody's.

    Of more than twenty accounts, those that failed least often are told with nobody's.
    """
    with transaction():
        untold = update(SignInFailure).where(
            SignInFailure.is_told.is_(False), SignInFailure.at <= clock.now() - DECIDED_AFTER
        )
        columns = (SignInFailure.principal, SignInFailure.account, SignInFailure.address)
        failures = db.session.execute(untold.values(is_told=True).returning(*columns)).all()
        often = Counter(failure.principal for failure in failures if failure.principal)
        named = {principal for principal, _ in often.most_common(MOST_NAMED)}
        locked = _locked({failure.account for failure in failures if failure.principal in named})
        by_thing = defaultdict(list)
        for failure in failures:
            by_thing[failure.principal if failure.principal in named else NOBODY].append(failure)
        for thing, its in sorted(by_thing.items()):
            details = {"failures": len(its), "addresses": len({one.address for one in its})}
            if thing == NOBODY:
                details["accounts"] = len({one.account for one in its})
            else:
                details["is_locked"] = its[0].account in locked
            record(ACTION, thing, actor=STRANGER, details=details)


def _locked(accounts: Collection[str]) -> set[str]:
    """Return those of `accounts` (digests) that failed so often that an address, or anybody, must wait."""
    often = func.count().label("often")
    by_address = (
        select(SignInFailure.account, often)
        .where(SignInFailure.account.in_(accounts))
        .group_by(SignInFailure.account, SignInFailure.address)
    )
    total: Counter[str] = Counter()
    locked = set()
    for account, failures in db.session.execute(by_address):
        total[account] += failures
        if failures >= FAILURES_OF_ACCOUNT_AND_ADDRESS or total[account] >= FAILURES_OF_ACCOUNT:
            locked.add(account)
    return locked
