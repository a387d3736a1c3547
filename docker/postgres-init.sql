-- Run once, when the volume is new. The image itself creates the default database (POSTGRES_DB).
CREATE DATABASE data_provider;
CREATE DATABASE dashboard_service;
CREATE DATABASE pricing_service;
