"""The built-in domains, one folder each. They use sml_gym as any third party's domain would."""
