"""The wallet's errors as problem documents."""

from shared.web.problems import ProblemError, ProblemMap, unavailable
from wallet import errors


def _locked(error: errors.WalletLocked) -> ProblemError:
    return ProblemError(423, str(error), title="Wallet locked", unlock="POST /v1/wallets/{wallet_id}/unlock")


def _not_signed_in(error: Exception) -> ProblemError:
    return ProblemError(401, str(error), headers={"WWW-Authenticate": "Bearer"})


def _unseen(error: errors.WarningUnseen) -> ProblemError:
    return ProblemError(409, str(error), title="Something is warned of", unseen=list(error.codes))


def _no_room(error: errors.NoRoom) -> ProblemError:
    return ProblemError(503, str(error), title="No room", headers={"Retry-After": str(error.retry_after)})


PROBLEMS: ProblemMap = {
    errors.NotThere: 404,
    errors.WrongKey: 403,
    errors.NotSignedIn: _not_signed_in,
    errors.WalletLocked: _locked,
    errors.NotFromHere: 403,
    errors.PlaceUnknown: 400,
    errors.InvitationRefused: 422,
    errors.SenderUnreachable: unavailable,
    errors.WrongMoment: 409,
    errors.IssuerOutOfReach: 409,
    errors.VerifierOutOfReach: 409,
    errors.NothingShared: 409,
    errors.TooManyQuestions: 409,
    errors.LastUnlockMethod: 409,
    errors.RequestExpired: 409,
    errors.WarningUnseen: _unseen,
    errors.ConsentRefused: 422,
    errors.RequestUnreadable: 422,
    errors.KeyUnsuitable: 422,
    errors.ArchiveRefused: 422,
    errors.NoRoom: _no_room,
    errors.StoreFull: 409,
    errors.AgentSilent: unavailable,
    errors.AgentRefuses: 502,
}


def problem_of(error: Exception) -> ProblemError:
    """What programs are answered when nobody is signed in, or the wallet is locked."""
    return _locked(error) if isinstance(error, errors.WalletLocked) else _not_signed_in(error)
