#!/bin/sh
# Prints a database password that is valid for 15 minutes: rds-password.sh HOST PORT USER
# For psql:    PGSSLMODE=require PGPASSWORD=$(rds-password.sh HOST 5432 USER) psql -h HOST -U USER
# For DBeaver: paste it as the password, and turn off "Save password".
set -eu
exec aws rds generate-db-auth-token --profile admin --hostname "$1" --port "$2" --username "$3"
