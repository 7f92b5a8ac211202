"""The right that the pages need, in the words of the auth manager, and how an administrator gives it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.exceptions import HTTPException

REFUSED = "Your Airflow user may not see this page."
ROLES = "Ask an administrator of Airflow to give you one in [core] simple_auth_manager_users."


@dataclass(frozen=True)
class Right:
    """What a user needs who was refused."""

    needed: str
    """The right, and who has it."""
    given: str
    """Whom to ask for it; the command or policy that gives it follows, if there is one."""
    command: str = ""

    @property
    def sentences(self) -> str:
        return " ".join(filter(None, (REFUSED, self.needed, self.given, self.command)))


# By the class of the auth manager: the one in Airflow itself, and those of its providers.
RIGHTS = {
    "SimpleAuthManager": Right(
        "It needs one of the roles viewer, user, op and admin.",
        ROLES,
    ),
    "FabAuthManager": Right(
        "It needs the permission 'can read on Plugins', which the roles Viewer and User do not have at first.",
        "Ask an administrator of Airflow to give it to your role. For Viewer, the command is:",
        "airflow roles add-perms Viewer --resource Plugins --action can_read",
    ),
    "KeycloakAuthManager": Right(
        "It needs the scope GET of the resource View.",
        "Ask an administrator of Keycloak to add a policy that applies to you to the permission ReadOnly of Airflow's "
        "client, or to ViewAccess where Airflow has teams.",
    ),
    "AwsAuthManager": Right(
        "It needs the action View.GET for the resource PLUGINS.",
        "Ask an administrator of Airflow's policy store in Amazon Verified Permissions to add, for your group:",
        'permit(principal in Airflow::Group::"<id of your group>", action == Airflow::Action::"View.GET", '
        'resource == Airflow::View::"PLUGINS");',
    ),
}
ANY = Right("It needs the right to read the view 'Plugins'.", "Ask an administrator of Airflow for it.")


# For pages on which Variables and connections are edited.
EDIT_RIGHTS = {
    "SimpleAuthManager": Right("It needs one of the roles op and admin.", ROLES),
    "FabAuthManager": Right(
        "It needs the permissions to read and edit Variables and Connections, which the roles Op and Admin have.",
        "Ask an administrator of Airflow for one of these roles, or to give the permissions to yours.",
    ),
}
EDIT_ANY = Right(
    "It needs the rights to read and edit Variables and connections.", "Ask an administrator of Airflow for them."
)


class RightMissing(HTTPException):
    """A refusal that says which right is missing, where it is another one than that to see plugins."""

    def __init__(self, right: Right) -> None:
        super().__init__(403)
        self.right = right


def needed_right(auth_manager: object, rights: Mapping[str, Right] = RIGHTS, otherwise: Right = ANY) -> Right:
    """The right in the words of an auth manager, which may be derived from one of those above."""
    names = [base.__name__ for base in type(auth_manager).__mro__]
    return next((rights[name] for name in names if name in rights), otherwise)
