"""The right that the pages need, in the words of the auth manager, and how an administrator gives it."""

from __future__ import annotations

from dataclasses import dataclass

REFUSED = "Your Airflow user may not see this page."


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
        "Ask an administrator of Airflow to give you one in [core] simple_auth_manager_users.",
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


def needed_right(auth_manager: object) -> Right:
    """The right in the words of an auth manager, which may be derived from one of those above."""
    names = [base.__name__ for base in type(auth_manager).__mro__]
    return next((RIGHTS[name] for name in names if name in RIGHTS), ANY)
