-- Run once, when the volume is new. The image makes the default database (POSTGRES_DB) itself.
CREATE DATABASE data_provider;
CREATE DATABASE dashboard_service;
CREATE DATABASE pricing_service;
