"""Staff: accounts, roles, API tokens, the audit trail."""
