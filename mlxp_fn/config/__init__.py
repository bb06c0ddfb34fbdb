"""The configuration language: text and files to configs, configs to sweeps. Pure: nothing here sees a disk."""
