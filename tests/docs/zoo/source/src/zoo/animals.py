import warnings


class Keeper:
    """Feeds the animals."""

    def __init__(self, portions=2, careful=False):
        self.portions = portions
        self.careful = careful

    def feed(self, animal):
        """Feed one animal."""
        if self.portions > 40:
            warnings.warn("More than 40 portions a day make the animals ill.")
        if animal is None:
            raise ValueError("There is nobody to feed. Pass an animal.")
        return [
            animal
        ]
