"""Django knows the models that are loaded here; each stands in the folder of what it is for."""

from overview.read_only_links import link_models as link_models
